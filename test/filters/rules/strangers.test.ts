import { describe, expect, it } from 'vitest';
import { Strangers } from '../../../src/filters/rules/strangers.ts';
import { createMatcher, loadFilter } from '../../../src/filters/match.ts';
import { batchOf, FILTERS, hitLine, recordingLog } from '../../support/filters/lines.ts';

const lineOf = (name: string): string => hitLine().replace('postfix/smtpd', `${name}/smtpd`);
const cutLine = (name: string): string => hitLine().replace(/^.*?: /, `<22>1 2026-06-01T10:00:00Z mx1 ${name} 1 - - `);

describe('an unknown smtpd', () => {
  it('is reported once by its name, and its lines are no hits', () => {
    const log = recordingLog();
    const filter = loadFilter('postfix-spamtrap', { folders: [FILTERS], names: ['mail-in'] });
    const matcher = createMatcher([{ jail: 'spamtrap', filter, rules: {} }], { log });
    const lines = [lineOf('mail-in'), lineOf('relay'), cutLine('sshd'), cutLine('mail-in'), lineOf('relay'), lineOf('mail-in')];
    expect(matcher.match(batchOf(lines.map((line) => `${line}\n`).join('')))).toHaveLength(3);
    expect(log.texts).toEqual(
      ['relay', 'sshd'].map(
        (name) =>
          `filters: no line of "${name}/smtpd" is a hit, "${name}" is no name of this Postfix; if it is one of yours, add it to "syslog_names"`,
      ),
    );
  });

  it('is not reported because of lines of a known smtpd or of another program', () => {
    const log = recordingLog();
    const strangers = new Strangers(['postfix*'], log);
    for (const line of [lineOf('postfix-x'), cutLine('postfix'), 'Jun  1 10:00:00 mx1 sshd[1]: triggers spamtrap', ''])
      strangers.look(line);
    expect(log.texts).toEqual([]);
  });

  it('is reported with escaped control characters in its name', () => {
    const log = recordingLog();
    new Strangers(['postfix*'], log).look(Buffer.from(lineOf('ä\u{9b}'), 'utf8').toString('latin1'));
    expect(log.texts).toEqual([expect.stringContaining('"ä\\u{9b}/smtpd" is a hit')]);
  });

  it('is reported only if it is one of the first ten', () => {
    const log = recordingLog();
    const strangers = new Strangers(['postfix*'], log);
    for (let index = 0; index < 1000; index += 1) strangers.look(lineOf(`x${index}`));
    expect(log.texts).toHaveLength(10);
  });
});
