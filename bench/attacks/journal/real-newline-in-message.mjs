// smtpd sends a message that contains a newline and, after the newline, a second complete trap line.
import { attackJournald, hitsOf, messageOf } from '../lib/journal.mjs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('a newline in a message of the journal begins no second line', async (world, journal) => {
  const forged = trapLine('198.51.100.7', { number: 9 });
  journal.send([
    journal.hitOf('203.0.113.1', 1, `${messageOf('203.0.113.1')}\n${forged}${forged}`),
    journal.hitOf('', 2, `connect from unknown[203.0.113.9]\n${forged}`),
    journal.hitOf('', 3, forged.replace('\n', '\r')),
  ]);
  journal.hit('203.0.113.2');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
});
