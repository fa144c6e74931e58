// A stand-in for journalctl: it prints a file of JSON lines as it is, from the line after the cursor on, and follows it.
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attack } from './attack.mjs';
import { hitMessage } from './log-text.mjs';

/** The user id of Postfix in these journals. */
export const POSTFIX = '5000';

/** Prints the file and follows it; with `--lines=` it prints nothing. The cursor of an entry is `s=` and a number. */
const PROGRAM = `#!/bin/sh
case "$*" in *--lines=*) exit 0;; esac
exec tail -n +1 -s 0.1 -F "$(dirname "$0")/../journal" 2>/dev/null
`;

let written = 0;

/** An entry of an smtpd for a client that mails a trap. Each field can be replaced; a field with the value undefined is left out. */
export function hitEntry(address, fields = {}) {
  written += 1;
  return {
    __CURSOR: `s=${written.toString(16)};i=${written}`,
    __REALTIME_TIMESTAMP: String(Date.now() * 1000),
    _UID: POSTFIX,
    _COMM: 'smtpd',
    _HOSTNAME: 'mx',
    SYSLOG_IDENTIFIER: 'postfix/smtpd',
    SYSLOG_PID: '1000',
    MESSAGE: hitMessage(address),
    ...fields,
  };
}

/** Appends entries to the journal. A text is appended as it is. */
export function enter(world, ...entries) {
  const lines = entries.map((entry) => `${typeof entry === 'string' ? entry : JSON.stringify(entry)}\n`);
  appendFileSync(join(world.folder, 'journal'), lines.join(''));
}

/** Runs an attack on a daemon that follows the journal of this stand-in. */
export function attackJournal(promise, run, options = {}) {
  return attack(
    promise,
    async (world) => {
      const folder = join(world.folder, 'bin');
      mkdirSync(folder);
      writeFileSync(join(folder, 'journalctl'), PROGRAM);
      chmodSync(join(folder, 'journalctl'), 0o755);
      writeFileSync(join(world.folder, 'journal'), '');
      world.before = ['env', `PATH=${folder}:${process.env.PATH}`];
      await world.start();
      await run(world);
    },
    {
      config: `sources: [{ type: journal, postfix_uid: ${POSTFIX} }]`,
      started: false,
      hit: (world, client) => enter(world, hitEntry(client)),
      ...options,
    },
  );
}
