// journalctl writes 100 MB with control characters to standard error while it prints entries, and then ends with an error.
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('a flood of error messages is one short line in the log', async (world, journal) => {
  const mark = `${journal.file}.once`;
  const flood = `test -e ${mark} || { touch ${mark}; yes "$(printf '\\033[31m\\nforged: line')" | head -c 100000000 >&2; exit 1; }`;
  journal.program('journalctl', `case "$*" in *--follow*) ${flood};; esac\nexec ${journal.honest} "$@"`);
  await world.start();
  await journal.followed(1);
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1'], 15_000);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
  const lines = world.said.split('\n').filter((line) => line.includes('forged'));
  must(
    lines.length === 1 && lines[0].length < 2100 && !lines[0].includes('\u001b'),
    `${lines.length} lines: ${lines[0]?.slice(0, 300)}`,
  );
});
