// journalctl ends because it has no memory. Its error message contains the word "cursor" although journalctl knows the cursor.
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('an error message with the word "cursor" causes no hit to be counted twice', async (world, journal) => {
  await journal.start();
  journal.hit('203.0.113.1', '203.0.113.2', '203.0.113.3');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
  await world.stop();
  const mark = `${journal.file}.failed`;
  const fails = `test -e ${mark} || { touch ${mark}; echo "Failed to seek to cursor: Cannot allocate memory" >&2; exit 1; }`;
  journal.program('journalctl', `${fails}\nexec ${journal.honest} "$@"`);
  await world.start();
  await journal.followed(2);
  journal.hit('203.0.113.4');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4'], 10_000);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2 203.0.113.3 203.0.113.4', `hits: ${hitsOf(world)}`);
});
