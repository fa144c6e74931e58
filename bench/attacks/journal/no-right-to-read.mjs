// At first the user of the daemon may not read the journal, so that journalctl prints a hint and ends; later the user gets the permission.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

const HINT = 'No journal files were opened due to insufficient permissions.';

await attackJournal('a journal that may not be read yet is reported in one line and read later', async (world, journal) => {
  journal.program(
    'journalctl',
    `printf 'Hint: You are currently not seeing messages\\n  from other users.\\n${HINT}\\n' >&2; exit 1`,
  );
  await world.start();
  journal.hit('203.0.113.1');
  await eventually('the fault is reported', () => world.said.includes(HINT));
  journal.program('journalctl', `exec ${journal.honest} "$@"`);
  await onlyBanned(world, ['203.0.113.1'], 15_000);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
  const lines = world.said.split('\n').filter((line) => /journalctl ended|from other users/.test(line));
  must(lines.length === 1 && lines[0].includes('from other users'), `lines: ${lines.join(' / ')}`);
});
