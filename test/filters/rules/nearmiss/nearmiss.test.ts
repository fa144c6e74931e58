import { describe, expect, it } from 'vitest';
import { createMatcher } from '../../../../src/filters/match.ts';
import type { NearMiss } from '../../../../src/words/walk.ts';
import { batchOf, corpusNames, hitLine, readCorpus, recordingLog, shipped } from '../../../support/filters/lines.ts';

const ALL = ['postfix-spamtrap', 'postfix-redirect', 'postfix-reject-trap'];

interface Setup {
  readonly filters?: readonly string[];
  readonly text?: string;
  readonly rules?: Readonly<Record<string, boolean>>;
}

/** The near misses in some lines, for jails with these filters. */
function missesIn(lines: string | Buffer, { filters = ['postfix-spamtrap'], text, rules = {} }: Setup = {}): readonly NearMiss[] {
  const jails = filters.map((name, index) => ({ jail: name, filter: shipped(name, index === 0 ? text : undefined), rules }));
  const found: NearMiss[] = [];
  createMatcher(jails, { log: recordingLog() }).match(batchOf(lines), (misses) => found.push(...misses));
  return found;
}

const reasonsOf = (lines: string, setup?: Setup): readonly string[] => missesIn(lines, setup).map(({ reason }) => reason);

/** A line for an entry of an access table. `reply` and `rejected` are texts that Postfix writes for REJECT. */
function entry(action: string, text: string, { login = '', name = 'trap@example.org', what = 'Recipient address' } = {}): string {
  const [reply, rejected] = action.startsWith('reject') ? ['554 5.7.1 ', 'rejected: '] : ['', ''];
  return (
    `Jun  1 10:00:00 mx postfix/smtpd[1]: NOQUEUE: ${action}: RCPT from a[192.0.2.1]: ${reply}<${name}>: ${what} ${rejected}${text}; ` +
    `from=<a@example.com> to=<trap@example.org> proto=ESMTP helo=<h>${login === '' ? '' : ` sasl_method=PLAIN sasl_username=${login}`}`
  );
}

const PREFIX = 'the log prefix before the message is unknown';
const MESSAGE = hitLine().replace(/^.*?: NOQUEUE/, 'NOQUEUE');

describe('a near miss in the trap table', () => {
  it.each([
    ['DISCARD spamtrap', entry('discard', 'spamtrap'), 'the table has "spamtrap", the filter looks for "triggers spamtrap"'],
    [
      'a DISCARD in another case',
      entry('discard', 'Triggers Spamtrap'),
      'the table has "Triggers Spamtrap", the filter looks for "triggers spamtrap"',
    ],
    [
      'a DISCARD with swapped letters',
      entry('discard', 'triggers spamtarp'),
      'the table has "triggers spamtarp", the filter looks for "triggers spamtrap"',
    ],
    [
      'a DISCARD with more letters',
      entry('discard', 'triggers spamtraps of ours'),
      'the table has "triggers spamtraps of ours", the filter looks for "triggers spamtrap"',
    ],
    [
      'a bare DISCARD',
      entry('discard', 'triggers DISCARD action'),
      'the table has DISCARD without a text, the filter looks for "triggers spamtrap"',
    ],
    [
      'a DISCARD of a sender',
      entry('discard', 'spamtrap', { what: 'Sender address' }),
      'the table has "spamtrap", the filter looks for "triggers spamtrap"',
    ],
    ['a REJECT', entry('reject', 'triggers spamtrap'), 'a rejection: the filter postfix-reject-trap would take it'],
    ['a REJECT with one word', entry('reject', 'spamtrap'), 'a rejection: the filter postfix-reject-trap would take it'],
    [
      'a REDIRECT',
      entry('redirect', 'triggers REDIRECT spamtrap@localhost'),
      'a redirection: the filter postfix-redirect would take it',
    ],
    ['a HOLD', entry('hold', 'triggers spamtrap'), 'the action of the table is HOLD, no filter takes it'],
  ])('is %s', (_what, line, reason) => {
    expect(reasonsOf(`${line}\n`)).toEqual([reason]);
  });

  it.each([
    [
      'a discard',
      entry('discard', 'triggers spamtrap'),
      ['postfix-reject-trap'],
      'a discard: the filter postfix-spamtrap would take it',
    ],
    [
      'a redirection to another trap',
      entry('redirect', 'triggers REDIRECT spamtraps@example.com'),
      ['postfix-redirect'],
      'the table has "triggers REDIRECT spamtraps@example.com", the filter looks for "triggers REDIRECT spamtrap"',
    ],
    [
      'another text of a rejection',
      entry('reject', 'triggers spamtraps'),
      ['postfix-reject-trap'],
      'the table has "triggers spamtraps", the filter looks for "spamtrap"',
    ],
  ])('is %s for other filters', (_what, line, filters, reason) => {
    expect(reasonsOf(`${line}\n`, { filters })).toEqual([reason]);
  });

  it('is the default text when the jail looks for another text', () => {
    expect(reasonsOf(`${entry('discard', 'triggers spamtrap')}\n`, { text: 'fell into it' })).toEqual([
      'the table has "triggers spamtrap", the filter looks for "fell into it"',
    ]);
  });

  it('has the start of the line, escaped and cut, and a kind that does not depend on the line', () => {
    const [one, other] = ['spamtrap \u001bc', 'spamtrap 2'].flatMap((text) => missesIn(`${entry('discard', text)}\n`));
    expect(one?.line).toMatch(/^Jun {2}1 10:00:00 mx postfix.*\\u\{1b\}c; from=/);
    expect(missesIn(`${entry('discard', 'spamtrap', { name: 'x'.repeat(900) })}\n`)[0]?.line).toHaveLength(303);
    expect(one?.reason).not.toContain('\u001b');
    expect(other?.kind).toBe(one?.kind);
  });
});

describe('an unknown start of a line', () => {
  it.each([
    ['words before the date', `weird | Jun  1 10:00:00 mx postfix/smtpd[4711]: ${MESSAGE}`],
    ['another order', `mx;mail.info;2026-11-25 10:00;postfix/smtpd[4711]: ${MESSAGE}`],
    ['a level behind the program', `10h00 mx postfix/smtpd[4711] (info) ${MESSAGE}`],
    ['no program', `2026-11-25T10:00:00Z mx ${MESSAGE}`],
    ['nothing', MESSAGE],
    ['JSON of an unknown daemon', `{"when":"now","@message":"Jun 1 mx postfix/smtpd[1]: ${MESSAGE}\\n","x":"y"}`],
    [
      'JSON with escaped brackets',
      `{"app":"a","message":"${MESSAGE.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')}","x":"y"}`,
    ],
  ])('is a near miss: %s', (_what, line) => {
    expect(reasonsOf(`${line}\n`)).toEqual([PREFIX]);
  });

  it.each([
    ['docker', `{"log":"${hitLine()}\\n","stream":"stdout","time":"2026-11-28T17:00:00.467434244Z"}`],
    ['cri', `2026-11-28T17:00:00.467434244Z stdout F ${hitLine()}`],
    ['compose', `2026-11-28T17:00:00.467434244Z ${hitLine()}`],
    ['compose', `\u001b[36mpostfix-1  |\u001b[0m ${hitLine()}`],
    ['json', `{"timereported":"2026-11-28T17:00:00+01:00","hostname":"mx","syslogtag":"postfix/smtpd[1]:","msg":" ${MESSAGE}"}`],
    ['json', `{"PROGRAM":"postfix/smtpd","PID":"1","MESSAGE":"${MESSAGE}","HOST":"mx","ISODATE":"2026-11-28T17:00:00+01:00"}`],
  ])('is an envelope that was not taken off: %s, %s', (envelope, line) => {
    expect(missesIn(`${line}\n`)).toMatchObject([
      { kind: `envelope ${envelope}`, reason: `the line is in an envelope, set "envelope: ${envelope}" for its source` },
    ]);
  });

  it('is reported as an unknown name of Postfix, if it is one', () => {
    const line = hitLine().replace('postfix/', 'ours/');
    expect(missesIn(`${line}\n`)).toMatchObject([{ kind: 'name', reason: expect.stringContaining('"syslog_names"') as unknown }]);
  });

  it.each([
    ['the message of another program', `Jun  1 10:00:00 mx dovecot: imap-login: Login: user=<${MESSAGE}>`],
    ['another program that begins with it', `Jun  1 10:00:00 mx app[1]: Jun  1 10:00:00 mx postfix/smtpd[1]: ${MESSAGE}`],
    ['a program that rsyslog cut', `<22>1 2026-11-25T10:00:00Z mx app 1 - - ${MESSAGE}`],
    ['an unknown start, and then text of a client', `weird mx app user=${MESSAGE}`],
    [
      'an unknown start, and smtpd that quotes a client',
      `weird mx postfix/smtpd[1]: warning: non-SMTP command from x[192.0.2.1]: smtpd ${MESSAGE}`,
    ],
    ['a program with colons in its name and no blank behind it', `weird mx a::b[1]:postfix/smtpd[1]: ${MESSAGE}`],
    [
      'an unknown start, and a subject that names smtpd',
      `weird mx postfix/cleanup[1]: 4A: warning: header Subject: smtpd ${MESSAGE}`,
    ],
    ['an unknown start, and then text in quotes', `weird mx app "postfix/smtpd[1]: ${MESSAGE}`],
    ['an unknown start, and then a sentence of smtpd', `weird mx postfix/smtpd[1]: warning: x sent ${MESSAGE}`],
    ['another key of JSON', `{"subject":"postfix/smtpd[1]: ${MESSAGE}","message":"x"}`],
    ['a line that goes on', `weird mx postfix/smtpd[1]: ${MESSAGE} and more`],
    ['a client without an address', `weird mx postfix/smtpd[1]: ${MESSAGE.replace('192.0.2.10', 'unknown')}`],
  ])('is none in %s', (_what, line) => {
    expect(missesIn(`${line}\n`)).toEqual([]);
  });
});

describe('no near miss', () => {
  const FORGED = 'x>: Recipient address spamtrap; from=<a> to=<b> proto=ESMTP helo=<c';

  it.each([
    ['a hit', hitLine()],
    ['the text in the sender', hitLine({ sender: 'triggers spamtrap' }).replace('address triggers spamtrap', 'address sold')],
    ['the text in the HELO name', entry('reject', 'User unknown').replace('helo=<h>', 'helo=<triggers spamtrap>')],
    ['the text in the recipient', entry('discard', 'sold', { name: FORGED })],
    ['the text in a rejected recipient', entry('reject', 'User unknown', { name: FORGED })],
    ['the text of another server', entry('reject', 'undeliverable address: host x said: 550 triggers spamtrap')],
    ['a recipient that Postfix quotes', entry('reject', 'undeliverable address: unknown user: "spamtrap"')],
    ['another text', entry('discard', 'known spammer')],
    ['another text of a rejection', entry('reject', 'Access denied')],
    ['another redirection', entry('redirect', 'triggers REDIRECT office@example.com')],
    ['warn_if_reject', entry('reject_warning', 'triggers spamtrap')],
    ['a client that has logged in', entry('discard', 'spamtrap', { login: 'user' })],
    ['a client that has logged in, and a rejection', entry('reject', 'triggers spamtrap', { login: 'user' })],
    ['a client without an address', entry('discard', 'spamtrap').replace('192.0.2.1', 'unknown')],
    [
      'a subject',
      'Jun  1 10:00:00 mx postfix/cleanup[1]: 4AB: discard: header Subject: triggers spamtrap from a[192.0.2.1]; from=<a>: x',
    ],
  ])('is %s', (_what, line) => {
    for (const filters of [['postfix-spamtrap'], ALL]) expect(missesIn(`${line}\n`, { filters })).toEqual([]);
  });

  it('is a line that a jail leaves out on purpose', () => {
    const client = entry('discard', 'triggers spamtrap', { what: 'Client host' });
    expect(missesIn(`${client}\n`, { rules: { client: false } })).toEqual([]);
    const rejected = entry('reject', 'triggers spamtrap', { what: 'Client host' });
    expect(missesIn(`${rejected}\n`, { filters: ALL, rules: { client: false } })).toEqual([]);
  });

  it('is an example of a shipped filter that is no hit because of a client, and no attack of the corpus', () => {
    const attacks = corpusNames().filter((name) => name.startsWith('attack-'));
    expect(attacks.length).toBeGreaterThan(10);
    for (const name of attacks) {
      const bytes = Buffer.concat(readCorpus(name).map((line) => line.bytes));
      expect([name, ...missesIn(bytes, { filters: ALL })]).toEqual([name]);
    }
    const examples = ALL.flatMap((name) => shipped(name).examples).filter(({ expected }) => !expected);
    const kinds = new Set(missesIn(examples.map(({ line }) => `${line}\n`).join(''), { filters: ALL }).map(({ kind }) => kind));
    expect([...kinds]).toEqual(['text triggers spamtrap', 'action hold', 'text triggers REDIRECT spamtrap']);
  });
});

describe('a filter that no jail has', () => {
  it.each(ALL)('is named for each line that it would take: %s', (name) => {
    const others = ALL.filter((other) => other !== name);
    for (const { line, expected } of shipped(name).examples) {
      // The recipient of these lines has an angle bracket, or the line is cut: then nobody knows where the text of the table begins and ends.
      if (
        !expected ||
        expected.rule === 'authenticated' ||
        !line.includes('proto=') ||
        /<[^<>]*[<>][^<>]*>.*: <|<[^<>]*<|>b /.test(line)
      )
        continue;
      const [reason] = reasonsOf(`${line}\n`, { filters: others });
      expect(`${line}: ${reason}`).toContain(`: the filter ${name} would take it`);
    }
  });
});

describe('a flood of near misses', () => {
  it('has a near miss for each line, and no more kinds than reasons', () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `${entry('discard', `spamtrap ${index}`)}\n`).join('');
    const found = missesIn(lines);
    expect(found).toHaveLength(5000);
    expect(new Set(found.map(({ kind }) => kind)).size).toBe(1);
  });
});
