// A local user sends entries with fields that only journald may set: _UID, _COMM, _EXE, __CURSOR and the time.
import { attackJournald, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('fields of journald that the sender sets himself have no effect', async (world, journal) => {
  const claims = [
    ['_UID', '102'],
    ['_COMM', 'smtpd'],
    ['_EXE', '/usr/lib/postfix/sbin/smtpd'],
    ['__CURSOR', 's=0;i=0;t=0'],
    ['_SOURCE_REALTIME_TIMESTAMP', '1'],
    ['__REALTIME_TIMESTAMP', '1'],
  ];
  journal.send([[...claims, ...journal.hitOf('198.51.100.1')]], { uid: 65_534, comm: 'logger' });
  journal.send([[...claims, ...journal.hitOf('198.51.100.2')]], { uid: 65_534 });
  journal.send([[...claims, ...journal.hitOf('203.0.113.1')]]);
  await onlyBanned(world, ['203.0.113.1']);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
});
