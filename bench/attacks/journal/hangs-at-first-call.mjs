// At the very first start journalctl hangs when it is run to print the last entry, and clients mail the trap meanwhile.
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('a journalctl that hangs at its first call delays hits, and no hit is lost', async (world, journal) => {
  journal.program('journalctl', `case "$*" in *--lines=1*) exec sleep 1000;; esac\nexec ${journal.honest} "$@"`);
  await world.start();
  journal.hit('203.0.113.1', '203.0.113.2');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 20_000);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
});
