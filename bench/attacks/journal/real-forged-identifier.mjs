// The users nobody and root write complete trap lines to the real journal.
import { attackJournald, hitsOf, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('only the entry that smtpd wrote leads to a ban', async (world, journal) => {
  journal.log([messageOf('198.51.100.1')], { uid: 65_534 });
  journal.send([journal.hitOf('198.51.100.2')], { uid: 65_534 });
  journal.log([messageOf('198.51.100.3')], { uid: 0 });
  journal.log([messageOf('203.0.113.1')]);
  await onlyBanned(world, ['203.0.113.1']);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
});
