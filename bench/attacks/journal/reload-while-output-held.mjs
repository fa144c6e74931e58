// A reload replaces the journal by a log file while a child process of journalctl, in a session of its own, holds the output of journalctl open.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attackJournal } from '../lib/journal.mjs';
import { onlyBanned } from '../lib/attack.mjs';

const hit = (world, client) => world.write(trapLine(client, { number: 9 }));

await attackJournal(
  'a reload ends although a child process outlives journalctl',
  async (world, journal) => {
    journal.program('journalctl', `setsid sleep 50 &\nexec ${journal.honest} "$@"`);
    await journal.start();
    journal.hit('203.0.113.1');
    await onlyBanned(world, ['203.0.113.1']);
    world.configure('');
    await Promise.race([
      world.reload(),
      new Promise((_, reject) => setTimeout(() => reject(new Error('the reload did not end')), 20_000).unref()),
    ]);
    world.write(trapLine('203.0.113.2'));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  },
  { hit },
);
