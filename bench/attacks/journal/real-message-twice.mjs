// The user of smtpd sends one entry with two MESSAGE fields, so that journalctl prints the field as an array of texts.
import { attackJournald, hitsOf, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('an entry with two messages is no hit, and the entries around it are read', async (world, journal) => {
  const twice = [...journal.hitOf('198.51.100.1'), ['MESSAGE', messageOf('198.51.100.2')]];
  const names = [...journal.hitOf('198.51.100.3'), ['SYSLOG_IDENTIFIER', 'cron']];
  journal.send([journal.hitOf('203.0.113.1', 1), twice, names, journal.hitOf('203.0.113.2', 2)]);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
});
