// Local users write complete hits to the journal, and set each field that a sender may set to the value that Postfix uses.
import { onlyBanned } from '../lib/attack.mjs';
import { attackJournal, enter, hitEntry } from '../lib/log-text-journal.mjs';

await attackJournal('only an entry of the Postfix user and one of its programs counts', async (world) => {
  const others = [
    { _UID: '1000' },
    { _UID: undefined },
    { _UID: 5000 },
    { _UID: ['5000'] },
    { _UID: '0' },
    { _UID: '05000' },
    { _UID: '5000 ' },
  ];
  others.push(
    { _COMM: 'logger' },
    { _COMM: ['smtpd', 'logger'] },
    { _COMM: '' },
    { _UID: '0', _COMM: 'smtpd', _EXE: '/tmp/usr/lib/postfix/sbin/smtpd' },
  );
  others.push(
    { _UID: '0', _COMM: 'smtpd', _EXE: '/usr/lib/postfix/../../bin/smtpd' },
    { _UID: '0', _COMM: 'sh', _EXE: '/usr/lib/postfix/sbin/smtpd' },
  );
  enter(world, ...others.map((fields, index) => hitEntry(`198.51.100.${index + 1}`, fields)));
  enter(
    world,
    hitEntry('203.0.113.1'),
    hitEntry('203.0.113.2', { _COMM: undefined }),
    hitEntry('203.0.113.3', { _UID: '0', _EXE: '/usr/lib/postfix/sbin/smtpd' }),
  );
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
});
