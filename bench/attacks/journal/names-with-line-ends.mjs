// Identifier, host and process id of an entry contain newlines, brackets, and complete starts of log lines.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('the fields of an entry can forge neither a line nor an address', async (world, journal) => {
  const line = trapLine('198.51.100.1');
  await journal.start();
  journal.write(
    journal.entry('198.51.100.2', { SYSLOG_IDENTIFIER: `x: y\n${line}` }),
    journal.entry('198.51.100.3', { SYSLOG_IDENTIFIER: `${line.slice(0, 60)}cron` }),
    journal.entry('203.0.113.1', { _HOSTNAME: `mx\n${line}` }),
    journal.entry('203.0.113.2', { SYSLOG_PID: '12]: \n34', _HOSTNAME: 'h'.repeat(5000) }),
    journal.entry('203.0.113.3', { SYSLOG_PID: '', _HOSTNAME: '' }),
  );
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2 203.0.113.3', `hits: ${hitsOf(world)}`);
});
