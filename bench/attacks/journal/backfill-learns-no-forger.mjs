// An export of another machine begins with entries of local users who run programs with the names and paths of Postfix.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('a backfill finds the user id of Postfix only in entries of Postfix', async (world, journal) => {
  await journal.start();
  const file = join(world.folder, 'export.json');
  const other = { _UID: '89' };
  const forged = [
    { _UID: '1000' },
    { _UID: '33', _EXE: '/var/www/smtpd' },
    { _UID: '33', _SYSTEMD_UNIT: 'apache2.service' },
    { _UID: '33', _COMM: 'perl' },
    { _UID: '33', _EXE: '/usr/lib/postfix/../../tmp/smtpd' },
    { _UID: '33', _EXE: ['/usr/lib/postfix/sbin/smtpd'] },
    { _UID: '33', _EXE: '/usr/lib/postfix/sbin/smtpd\n' },
    { _UID: '0x59' },
    { _UID: '-1' },
    { _UID: '0', _EXE: '/tmp/smtpd' },
    { _UID: '89', _COMM: undefined, _EXE: undefined, MESSAGE: undefined },
  ].map((fields) => journal.entry('198.51.100.1', fields));
  const entries = [...forged, journal.entry('203.0.113.1', other), journal.entry('203.0.113.2', { ...other, _EXE: undefined })];
  writeFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  world.run(...PROGRAM, 'backfill', '--config', world.config, '--socket', world.socket, file);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
});
