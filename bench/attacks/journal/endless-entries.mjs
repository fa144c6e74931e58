// journalctl prints a hundred entries of two megabytes each.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('many entries that are too long cause only a few log lines', async (world, journal) => {
  const mark = `${journal.file}.flooded`;
  const flood = `for i in $(seq 100); do head -c 2000000 /dev/zero | tr '\\0' x; echo; done; touch ${mark}`;
  journal.program('journalctl', `case "$*" in *--follow*) ${flood};; esac\nexec ${journal.honest} "$@"`);
  await world.start();
  await eventually('the flood is over', () => journal.calls.length > 1);
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1']);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
  const lines = world.said.split('\n').filter((line) => line.includes('too long')).length;
  must(lines > 0 && lines <= 50, `${lines} lines about entries that are too long`);
});
