import { describe, expect, it } from 'vitest';
import {
  ANY_START,
  HOST_OF,
  programStart,
  REPEATED,
  smtpdNameOf,
  smtpdStart,
  UNDECIDED_END,
} from '../../../src/filters/linestart/linestart.ts';
import { Side, findSecondReading } from '../../../src/filters/pattern/automaton/check.ts';
import { parsed } from '../../support/filters/patterns.ts';

const starts = (name: string): readonly string[] => [
  `Jun  1 10:00:00 mx ${name}[1]: `,
  `Jun 11 2026 10:00:00.123 mx ${name}[1]: `,
  `<22>Jun  1 10:00:00 mx ${name}[1]: `,
  `2026-06-01T10:00:00.123456+02:00 mx ${name}[1]: `,
  `2026-06-01 10:00:00Z <mail.info> mx ${name}[1]: `,
  `Jun  1 10:00:00 mx ${name}[1]: [ID 197553 mail.info] `,
  `<22>1 2026-06-01T10:00:00Z mx ${name} 1 - - `,
  `<22>1 - mx ${name} 1 - [a b="c\\" \\]"][d e="f"] `,
];

/** The start of a line in RFC 5424 in which rsyslog has cut the name of the program at the slash. */
const cut = (name: string, pid = '1'): string => `<22>1 2026-06-01T10:00:00Z mx ${name} ${pid} - - `;

describe('the start of a line', () => {
  const OWN = ['postfix*', 'mail-in', 'a.b/c'];
  const own = new RegExp(`^${smtpdStart(OWN, 'checked')}`);

  it.each([...starts('postfix/smtpd'), ...starts('mail-in/submission/smtpd')])('of smtpd is recognised: %s', (start) => {
    expect(own.exec(`${start}message`)?.[0]).toBe(start);
    expect(ANY_START.exec(`${start}message`)?.[0]).toBe(start);
  });

  it.each([...starts('dovecot'), ...starts('mail/dovecot'), 'Jun  1 10:00:00 mx dovecot: ', '<22>1 - mx dovecot - - - '])(
    'of another program is recognised: %s',
    (start) => {
      expect(new RegExp(`^${programStart('dovecot')}message`).test(`${start}message`)).toBe(true);
    },
  );

  it.each(['smtpd', 'postfix/smtpd2', 'postfix/cleanup', 'postfix/smtpd/x'])('of smtpd is not recognised for %s', (name) => {
    expect(own.test(`Jun  1 10:00:00 mx ${name}[1]: `)).toBe(false);
  });

  const HIT = 'NOQUEUE: discard: RCPT from a[192.0.2.1]: <trap@example.org>: Recipient address triggers spamtrap';

  it('of smtpd may have a name with "+", "@" and letters of other alphabets', () => {
    const others = new RegExp(`^${smtpdStart(['postfix*', 'mail@in', 'post-ä', 'a+b'], 'checked')}`);
    for (const name of ['postfix+in', 'mail@in', 'post-\xc3\xa4', 'a+b', 'postfix@x/y']) {
      for (const start of starts(`${name}/smtpd`)) expect(others.test(start)).toBe(true);
      expect(smtpdNameOf(`Jun  1 10:00:00 mx ${name}/smtpd[1]: x`)).toBe(name.replace('\xc3\xa4', 'ä'));
    }
    for (const name of ['aab', 'post-\xe4', 'mail-in']) expect(others.test(`Jun  1 10:00:00 mx ${name}/smtpd[1]: `)).toBe(false);
  });

  it.each(['postfix', 'postfix-in', 'postfix/submission', 'postfix2', 'mail-in', 'mail-in/x', 'a.b/c', 'a.b/c/d'])(
    'of smtpd may have the name %s',
    (name) => {
      for (const start of starts(`${name}/smtpd`)) expect(own.test(start)).toBe(true);
    },
  );

  it.each(['mail', 'mail-in2', 'x/mail-in', 'sshd', 'xpostfix', 'Postfix', 'a.b', 'a.b/d', 'aXb/c', '', '-'])(
    'of smtpd may not have the name "%s"',
    (name) => {
      for (const start of starts(`${name}/smtpd`)) expect(own.test(start)).toBe(false);
    },
  );

  it.each(['postfix', 'postfix-in', 'postfix_2', 'mail-in', 'a.b'])('of smtpd may have a name cut at the slash: %s', (name) => {
    expect(own.exec(`${cut(name)} ${HIT}`)?.[0]).toBe(`${cut(name)} `);
  });

  it.each(['sshd', 'app', 'postfixadmin', 'postfixX', 'xpostfix', 'mail', 'mail-in-2', 'a', 'aXb', '-', 'smtpd'])(
    'of smtpd is not recognised for %s, even before a message of smtpd',
    (name) => {
      expect(own.test(`${cut(name)}${HIT}`)).toBe(false);
    },
  );

  it.each(['-', 'x', '12345678901'])('of smtpd is not recognised with the invalid process id "%s"', (pid) => {
    expect(own.test(`${cut('postfix', pid)}${HIT}`)).toBe(false);
  });

  it.each([
    HIT,
    '4dGX7Z2vVkz: reject_warning: END-OF-MESSAGE from a[192.0.2.1]: x',
    '4dGX7Z2vVkz: client=a[192.0.2.1]',
    'connect from a[192.0.2.1]',
    'lost connection after AUTH from a[192.0.2.1]',
    'Anonymous TLS connection established from a[192.0.2.1]: TLSv1.3',
    'warning: a[192.0.2.1]: SASL LOGIN authentication failed: x',
  ])('of smtpd with a cut name is recognised before a message of smtpd: %s', (message) => {
    expect(own.test(cut('postfix') + message)).toBe(true);
  });

  it.each([
    'user=NOQUEUE: discard: RCPT from a[192.0.2.1]: x',
    '4dGX7Z2vVkz: warning: header Subject: x from a[192.0.2.1]; from=<a@example.com>',
    '4dGX7Z2vVkz: to=<a@example.com>, relay=a[192.0.2.1]:25',
    'Invalid user NOQUEUE: discard: RCPT from a[192.0.2.1]',
    'warning: x',
    'NOQUEUE discard: RCPT from a[192.0.2.1]: x',
    '',
  ])('of smtpd with a cut name is not recognised before another message: %s', (message) => {
    expect(own.test(cut('postfix') + message)).toBe(false);
  });

  it('of smtpd with a cut name is not recognised with the option "none", and is recognised before any message with "any"', () => {
    expect(new RegExp(`^${smtpdStart(OWN, 'none')}`).test(cut('postfix') + HIT)).toBe(false);
    expect(new RegExp(`^${smtpdStart(OWN, 'any')}`).test(`${cut('postfix')}x`)).toBe(true);
  });

  it('of smtpd contains the name of its Postfix, which may be unknown', () => {
    for (const start of starts('a-b/c/smtpd')) expect(smtpdNameOf(start + HIT)).toBe('a-b/c');
    expect(smtpdNameOf(cut('sshd') + HIT)).toBe('sshd');
    for (const other of [`${cut('sshd')}x`, 'Jun  1 10:00:00 mx sshd[1]: x', 'Jun  1 10:00:00 mx smtpd[1]: x'])
      expect(smtpdNameOf(other)).toBeUndefined();
  });

  it.each(['x', 'dovecot-auth', 'dovecotx', 'xdovecot'])('of dovecot is not recognised for %s', (name) => {
    expect(new RegExp(`^${programStart('dovecot')}`).test(`Jun  1 10:00:00 mx ${name}[1]: `)).toBe(false);
  });
});

describe('the end of a start', () => {
  const address = '(?<address>x)';

  /** True if there is a line in which a start with `message` after it can end at two places. */
  function hasTwoEnds(start: string, message: string): boolean {
    const pattern = parsed(`^${start}${message}${address}`);
    const at = `^${start}${message}`.length;
    const side = new Side(pattern, { start: at, end: at + address.length }, 0n);
    return findSecondReading(side, side, 20_000_000) !== undefined;
  }

  // The proofs of patterns leave out the start of a line. They would be wrong if a start could end at other places than these tests show.
  it.each([
    ['smtpd', smtpdStart(['postfix*', 'mail-in'], 'any')],
    ['another program', programStart('dovecot')],
  ])('is at one place for %s, if the message does not begin with a blank, "[" or a byte order mark', (_title, start) => {
    expect(hasTwoEnds(start, '')).toBe(false);
    expect(hasTwoEnds(start, '[^ \\[\\xef]')).toBe(false);
    expect(hasTwoEnds(start, '.')).toBe(true);
  });

  it('may be followed by up to two blanks, a byte order mark or a message ID, which the proofs put before the message', () => {
    const undecided = new RegExp(`^${UNDECIDED_END}$`);
    for (const text of ['', ' ', '  ', '\xef\xbb\xbf', '  \xef\xbb\xbf', '[ID 197553 mail.info] '])
      expect(undecided.test(text)).toBe(true);
    for (const text of ['   ', 'x', '[ID 1 mail.info]', '\xef']) expect(undecided.test(text)).toBe(false);
  });
});

describe('the host of a line', () => {
  it('is found in the formats of RFC 3164 and ISO 8601', () => {
    expect(HOST_OF.exec('Jun  1 10:00:00 mx1 x: y')?.groups?.['host']).toBe('mx1');
    expect(HOST_OF.exec('<22>1 2026-06-01T10:00:00Z mx1 x 1 - - y')).toBeNull();
  });

  it('is found in a "last message repeated" line, together with the number of repeats', () => {
    expect(REPEATED.exec('Jun  1 10:00:00 mx1 last message repeated 12 times')?.groups).toMatchObject({ host: 'mx1', times: '12' });
    expect(REPEATED.exec('Jun  1 10:00:00 mx1 last message repeated 1234567890 times')).toBeNull();
  });
});
