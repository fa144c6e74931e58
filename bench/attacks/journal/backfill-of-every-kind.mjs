// `trapline backfill` reads an export of the journal with every kind of invalid entry and with a last entry that is cut.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal(
  'a backfill takes the hits of a damaged export, each once, and says what it left out',
  async (world, journal) => {
    await journal.start();
    const file = join(world.folder, 'export.json');
    const bad = (fields) => JSON.stringify({ ...journal.entry('198.51.100.1'), ...fields });
    const lines = [
      JSON.stringify(journal.entry('203.0.113.1')),
      '{"a":',
      '',
      '[]',
      'null',
      '-- Reboot --',
      '['.repeat(300_000),
      ...[null, 1, [[]], [messageOf('198.51.100.1'), 'x'], {}, [300]].map((MESSAGE) => bad({ MESSAGE })),
      bad({ _UID: '1000' }),
      bad({ _UID: 102 }),
      bad({ _COMM: 'logger' }),
      JSON.stringify(journal.entry('203.0.113.2', { MESSAGE: [...Buffer.from(messageOf('203.0.113.2')), 0xff, 0] })),
      JSON.stringify(journal.entry('203.0.113.3', { JUNK: 'x'.repeat(900_000) })),
      bad({ JUNK: 'x'.repeat(3_000_000) }),
      bad({}).slice(0, -1),
    ];
    writeFileSync(file, lines.join('\n'));
    const backfill = () => world.run(...PROGRAM, 'backfill', '--config', world.config, '--socket', world.socket, file);
    const first = backfill();
    must(/^3 hits in 1 file, 3 bans: 3 set\n$/.test(first), `it said: ${first}`);
    const second = backfill();
    must(second.startsWith('3 hits in 1 file, 3 on record already, 0 bans'), `it said: ${second}`);
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
    must(hitsOf(world) === '203.0.113.1 203.0.113.2 203.0.113.3', `hits: ${hitsOf(world)}`);
  },
);
