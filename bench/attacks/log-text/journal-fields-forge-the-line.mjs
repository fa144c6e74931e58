// The fields from which Trapline makes the start of the line have complete lines, brackets, newlines, or values of other types.
import { onlyBanned } from '../lib/attack.mjs';
import { attackJournal, enter, hitEntry } from '../lib/log-text-journal.mjs';
import { hitLine } from '../lib/log-text.mjs';

await attackJournal('no field of an entry changes which client the line names', async (world) => {
  const inner = hitLine('198.51.100.7');
  const names = ['_HOSTNAME', 'SYSLOG_PID', '_PID'];
  enter(world, ...names.map((name, index) => hitEntry(`203.0.113.${index + 1}`, { [name]: `${inner} postfix/smtpd[1]: ` })));
  enter(
    world,
    hitEntry('198.51.100.8', { SYSLOG_IDENTIFIER: `postfix/smtpd[1]: x\n${inner}` }),
    hitEntry('198.51.100.9', { SYSLOG_IDENTIFIER: null }),
  );
  enter(
    world,
    hitEntry('203.0.113.4', { _HOSTNAME: ['a', 'b'], SYSLOG_PID: 7, _PID: '7' }),
    hitEntry('203.0.113.5', { _HOSTNAME: '\ud800', SYSLOG_PID: '9'.repeat(11), _PID: '1' }),
  );
  enter(world, hitEntry('203.0.113.6'));
  // The process id of 203.0.113.2 has digits of another script.
  await onlyBanned(world, ['203.0.113.1', '203.0.113.3', '203.0.113.4', '203.0.113.6']);
});
