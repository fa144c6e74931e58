import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exec } from '../../../src/lib/children/exec.ts';
import { detectNames } from '../../../src/daemon/rooms/names.ts';
import { recordingLog, temporaryFolder } from '../../support/sources/reader.ts';

/** Writes a configuration of Postfix into a folder. Each of `services` is the option of a further service in master.cf. */
function postfixIn(folder: string, main: string, ...services: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.cf'), `compatibility_level = 3.6\n${main}\n`);
  const ports = services.map((options, index) => `${2500 + index} inet n - n - - smtpd\n  -o ${options}\n`);
  writeFileSync(join(folder, 'master.cf'), `smtp inet n - n - - smtpd\n${ports.join('')}`);
  return folder;
}

/** Makes a function that runs the real postconf(1), for which `folder` holds the first instance of Postfix. */
const postconfOf =
  (folder: string): typeof exec =>
  ([program = '', ...rest], options) =>
    exec([program, ...(rest[0] === '-c' ? [] : ['-c', folder]), ...rest], options);

describe('the names of Postfix', () => {
  it('are only the default "postfix*" when Postfix has no other name', async () => {
    const folder = postfixIn(temporaryFolder(), '');
    expect(await detectNames({ log: recordingLog(), exec: postconfOf(folder) })).toEqual(['postfix*']);
  });

  it('are read from main.cf and master.cf of every instance, with variables expanded', async () => {
    const folder = temporaryFolder();
    const other = postfixIn(join(folder, 'other'), 'multi_instance_name = postfix-out', 'syslog_name=out');
    const own = '${multi_instance_name?{$multi_instance_name}:{mail-in}}';
    const main = `syslog_name = mail-in\nmulti_instance_directories = ${other}`;
    const first = postfixIn(
      join(folder, 'first'),
      main,
      `syslog_name=${own}/submission`,
      '{ syslog_name = third }',
      'syslog_name=postfixmx',
    );
    const names = await detectNames({ log: recordingLog(), exec: postconfOf(first) });
    expect(names.toSorted()).toEqual(['mail-in', 'mail-in/submission', 'out', 'postfix*', 'postfixmx', 'third']);
  });

  it('are left out with a warning when the filters cannot find lines with these names', async () => {
    const log = recordingLog();
    const folder = postfixIn(temporaryFolder(), 'syslog_name = a b*', 'syslog_name=in');
    expect(await detectNames({ log, exec: postconfOf(folder) })).toEqual(['postfix*', 'in']);
    expect(log.texts).toEqual([
      'warn: postconf: syslog_name "a b*" cannot be looked for, so its lines are no hits; set "syslog_names"',
    ]);
  });

  it('are only the default "postfix*" when postconf is missing or fails', async () => {
    const log = recordingLog();
    expect(await detectNames({ log, exec: () => Promise.reject(new Error('spawn postconf ENOENT')) })).toEqual(['postfix*']);
    expect(await detectNames({ log, exec: postconfOf(join(temporaryFolder(), 'none')) })).toEqual(['postfix*']);
    expect(log.texts).toEqual([]);
  });
});
