// journalctl starts a child process that holds its output open in a session of its own, and then ends.
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('journalctl is started again although its child process holds its output open', async (world, journal) => {
  const mark = `${journal.file}.once`;
  const once = `case "$*" in *--follow*) test -e ${mark} || { touch ${mark}; setsid sleep 50 & exit 1; };; esac`;
  journal.program('journalctl', `${once}\nexec ${journal.honest} "$@"`);
  await world.start();
  await journal.followed(1);
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1'], 10_000);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
});
