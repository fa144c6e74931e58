// journalctl prints 200 MB without a newline, and then a newline and an entry.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('an endless line takes bounded memory, and no later hit is lost', async (world, journal) => {
  const flood = `head -c 200000000 /dev/zero | tr '\\0' '['; echo`;
  journal.program('journalctl', `case "$*" in *--follow*) ${flood};; esac\nexec ${journal.honest} "$@"`);
  await world.start();
  await eventually('the flood is over', () => journal.calls.length > 1);
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1']);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
  must(world.said.split('too long').length === 2, 'the endless line is not one line of the log');
  must(world.memory().most < 300, `${world.memory().most} MiB`);
});
