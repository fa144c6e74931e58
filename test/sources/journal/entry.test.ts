import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lineOf, parseEntry, Senders, type JournalEntry } from '../../../src/sources/journal/entry.ts';

const HIT = 'NOQUEUE: discard: RCPT from unknown[203.0.113.101]: <trap@example.com>: Recipient address triggers spamtrap; helo=<x>';

const entry = (fields: Record<string, unknown> = {}): JournalEntry => ({
  __CURSOR: 's=1;i=2;t=6610e8dc67f47',
  __REALTIME_TIMESTAMP: '1795564996296519',
  _SOURCE_REALTIME_TIMESTAMP: '1795564996296505',
  _HOSTNAME: 'mx.example.com',
  _UID: '102',
  _PID: '18531',
  _COMM: 'smtpd',
  _EXE: '/usr/lib/postfix/sbin/smtpd',
  SYSLOG_IDENTIFIER: 'postfix/smtpd',
  SYSLOG_PID: '18531',
  MESSAGE: HIT,
  ...fields,
});

const line = (fields?: Record<string, unknown>): string | undefined => lineOf(entry(fields))?.toString('latin1');

describe('lineOf', () => {
  it('converts an entry to one ISO 8601 syslog line', () => {
    expect(line()).toBe(`2026-11-25T00:03:16.296505+00:00 mx.example.com postfix/smtpd[18531]: ${HIT}\n`);
  });

  it('uses the time of receipt and the process id of the kernel when the sender gave neither time nor process id', () => {
    const fields = { _SOURCE_REALTIME_TIMESTAMP: undefined, SYSLOG_PID: undefined, _PID: '7' };
    expect(line(fields)).toMatch(/^2026-11-25T00:03:16\.296519\+00:00 mx\.example\.com postfix\/smtpd\[7\]: NOQUEUE/);
  });

  it('reads a message that is an array of bytes', () => {
    expect(line({ MESSAGE: [...Buffer.from('a \u0085 b'), 0xff] })).toMatch(/\[18531\]: a \u00c2\u0085 b\u00ff\n$/);
  });

  it.each([
    ['a newline', 'one\nNov 25 00:03:16 mx postfix/smtpd[1]: two', /: one#012Nov 25 00:03:16 mx postfix\/smtpd\[1\]: two\n$/],
    ['other control characters', 'a\0b\tc\rd\u007fe', /: a#000b#011c#015d#177e\n$/],
    ['an array with a newline in it', [0x61, 0x0a, 0x62], /: a#012b\n$/],
  ])('keeps %s on one line', (_, MESSAGE, expected) => {
    expect(line({ MESSAGE })).toMatch(expected);
  });

  it('removes characters that could forge a part of the line from names and numbers', () => {
    const fields = { SYSLOG_IDENTIFIER: 'x[1]: a\nb: postfix/smtpd', _HOSTNAME: 'mx evil[2]', SYSLOG_PID: '9]: x' };
    expect(line(fields)).toBe(`2026-11-25T00:03:16.296505+00:00 mxevil2 x1abpostfix/smtpd[9]: ${HIT}\n`);
  });

  it.each([
    ['with a text that is too long for journalctl to show', { MESSAGE: null }],
    ['without a text', { MESSAGE: undefined }],
    ['with two texts', { MESSAGE: ['a', 'b'] }],
    ['with numbers that are no bytes', { MESSAGE: [1, 256] }],
    ['without a time', { __REALTIME_TIMESTAMP: undefined, _SOURCE_REALTIME_TIMESTAMP: undefined }],
    ['with an invalid time', { _SOURCE_REALTIME_TIMESTAMP: '-1' }],
  ])('has no line for an entry %s', (_, fields) => {
    expect(line(fields)).toBeUndefined();
  });
});

describe('parseEntry', () => {
  it.each(['', 'x', '[]', 'null', '1', '{"a":'])('returns undefined for %j', (text) => {
    expect(parseEntry(Buffer.from(text))).toBeUndefined();
  });
});

describe('Senders', () => {
  it.each<[string, Record<string, unknown>, boolean]>([
    ['smtpd', {}, true],
    ['another program of Postfix', { _COMM: 'trivial-rewrite' }, true],
    ['a sender that exited before journald read its fields', { _COMM: undefined, _EXE: undefined }, true],
    ['logger(1) as nobody', { _UID: '65534', _COMM: 'logger', _EXE: '/usr/bin/logger' }, false],
    [
      'a sender with the user id of nobody that exited before journald read its fields',
      { _UID: '65534', _COMM: undefined, _EXE: undefined },
      false,
    ],
    ["a user's program with the name of a Postfix program", { _UID: '1000', _EXE: '/home/eve/smtpd' }, false],
    ["a user who runs Postfix's program", { _UID: '1000' }, false],
    ['logger(1) that the user of Postfix runs', { _COMM: 'logger', _EXE: '/usr/bin/logger' }, false],
    ['root with another program', { _UID: '0', _COMM: 'python3', _EXE: '/usr/bin/python3.11' }, false],
    ['root with a program named smtpd in another folder', { _UID: '0', _EXE: '/tmp/smtpd' }, false],
    ["root with Postfix's program", { _UID: '0' }, true],
    ['no user id', { _UID: undefined }, false],
    ['a user id that is not a text', { _UID: ['102'] }, false],
    [
      'only fields that the sender itself sets',
      { _UID: '1000', _COMM: 'x', SYSLOG_IDENTIFIER: 'postfix/smtpd', COMM: 'smtpd' },
      false,
    ],
  ])('trust only the programs of Postfix: %s', (_, fields, expected) => {
    expect(new Senders(102).trusts(entry(fields))).toBe(expected);
  });

  it('learn the user id of Postfix from its programs when the user id is not configured', () => {
    const senders = new Senders(undefined);
    const gone = entry({ _COMM: undefined, _EXE: undefined });
    expect(senders.trusts(gone)).toBe(false);
    expect(senders.trusts(entry())).toBe(true);
    expect(senders.trusts(gone)).toBe(true);
  });

  it.each([
    ['a person', { _UID: '1000' }],
    ['a user id that journald does not write', { _UID: '0x59' }],
    ['another service', { _UID: '33', _SYSTEMD_UNIT: 'apache2.service' }],
    ['a program in another folder', { _UID: '33', _EXE: '/var/www/smtpd' }],
    ['a program under another name', { _UID: '33', _COMM: 'logger' }],
  ])('do not learn from %s', (_, fields) => {
    const senders = new Senders(undefined);
    expect(senders.trusts(entry(fields))).toBe(false);
    expect(senders.known).toBe(false);
  });
});

describe('the journal in the corpus', () => {
  const corpus = new URL('../../fixtures/corpus/', import.meta.url);
  const groups = readdirSync(corpus).filter((name) => name.endsWith('.journald.jsonl'));

  it.each(groups)('has entries in %s that become one line each, and are trusted unless they are forged', (name) => {
    const senders = new Senders(undefined);
    const forged = name.startsWith('local-forgery');
    const lines = readFileSync(new URL(name, corpus), 'utf8').split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(0);
    for (const [index, text] of lines.entries()) {
      const parsed = parseEntry(Buffer.from(text));
      if (!parsed) throw new Error(`line ${index + 1} is no entry`);
      expect(senders.trusts(parsed), `line ${index + 1}`).toBe(!forged);
      const written = lineOf(parsed);
      expect(written?.indexOf(0x0a), `line ${index + 1}`).toBe((written?.length ?? 0) - 1);
      const message = parsed['MESSAGE'];
      const bytes = typeof message === 'string' ? Buffer.from(message) : Buffer.from(message as number[]);
      expect(forged || written?.subarray(-bytes.length - 1, -1).equals(bytes), `line ${index + 1}`).toBe(true);
    }
  });
});
