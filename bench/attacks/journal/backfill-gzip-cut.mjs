// One compressed export of the journal is cut in the middle, and a second export has garbage after its end.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PROGRAM } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal(
  'the damage of an export is reported in one line, and a backfill of the intact export then counts each hit once',
  async (world, journal) => {
    await journal.start();
    const clients = Array.from({ length: 50 }, (_, index) => `203.0.113.${index + 1}`);
    const text = clients.map((client) => `${JSON.stringify(journal.entry(client))}\n`).join('');
    const cut = join(world.folder, 'cut.json.gz');
    const packed = gzipSync(text);
    const early = '203.0.113.60';
    const first = gzipSync(`${JSON.stringify(journal.entry(early))}\n`);
    writeFileSync(cut, Buffer.concat([first, packed.subarray(0, packed.length / 2)]));
    const [program, ...args] = world.inside(...PROGRAM, 'backfill', '--config', world.config, '--socket', world.socket, cut);
    const ended = spawnSync(program, args, { encoding: 'utf8' });
    must(ended.status === 65 && /^trapline: .*cut\.json\.gz.*\n$/.test(ended.stderr), `${ended.status}: ${ended.stderr}`);
    const whole = join(world.folder, 'whole.json.gz');
    writeFileSync(whole, packed);
    const [again, ...rest] = world.inside(...PROGRAM, 'backfill', '--config', world.config, '--socket', world.socket, whole);
    must(spawnSync(again, rest).status === 0, 'the whole export is refused');
    await onlyBanned(world, [...clients, early]);
    must(
      hitsOf(world) === [...clients, early].toSorted((one, other) => one.localeCompare(other)).join(' '),
      `hits: ${hitsOf(world)}`,
    );
  },
);
