// A backfill reads syslog lines with `--format journal`, and an export of the journal with `--format syslog`.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('a log in a format other than that of the option leads to no hit and no error', async (world, journal) => {
  await journal.start();
  const syslog = join(world.folder, 'syslog');
  const exported = join(world.folder, 'export');
  writeFileSync(syslog, trapLine('198.51.100.1'));
  writeFileSync(exported, `${JSON.stringify(journal.entry('198.51.100.2'))}\n`);
  const backfill = (...words) => {
    const [program, ...args] = world.inside(...PROGRAM, 'backfill', '--config', world.config, '--socket', world.socket, ...words);
    return spawnSync(program, args, { encoding: 'utf8' });
  };
  for (const words of [
    ['--format', 'journal', syslog],
    ['--format', 'syslog', exported],
  ]) {
    const { status, stdout, stderr } = backfill(...words);
    must(
      status === 0 &&
        /^1 file, \d.*: no trap hits, nothing to ban(; no line of Postfix in it, is it a mail log\?)?\n$/.test(stdout),
      `${words.join(' ')}: ${status} ${stdout} ${stderr}`,
    );
  }
  await onlyBanned(world, []);
  must(hitsOf(world) === '', `hits: ${hitsOf(world)}`);
});
