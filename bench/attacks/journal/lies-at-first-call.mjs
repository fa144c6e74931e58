// At the very first start journalctl, which is run to print the last entry, prints garbage and ends with exit code 0.
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

const LIES = [`'{"__CURSOR":null}'`, `'{"__CURSOR":["a","b"]}'`, `'-- No entries --'`, `'{"__CURSOR":"forged\\\\u0000cursor"}'`];

await attackJournal('the journal is read although journalctl prints garbage instead of the last entry', async (world, journal) => {
  for (const lie of LIES) {
    journal.program('journalctl', `case "$*" in *--lines=1*) echo ${lie}; exit 0;; esac\nexec ${journal.honest} "$@"`);
    await world.start();
    await eventually('the daemon follows the journal', () => journal.calls.some((argv) => argv.includes('--follow')), 15_000);
    await world.kill();
    world.state += 'x';
  }
  await world.start();
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1'], 15_000);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
});
