import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { compilePattern } from '../../src/filters/compile.ts';

const compile = (pattern: string, settings: Record<string, string> = {}): RegExp =>
  compilePattern(pattern, settings, (text, offset) => new ConfigError(`${offset}: ${text}`)).regexp;

const LINE = 'Nov 25 00:03:16 mx postfix/smtpd[18531]: NOQUEUE: warn: RCPT from host.example[203.0.113.1]: text';

describe('compilePattern', () => {
  it('writes out building blocks', () => {
    const found = compile('^<prefix><queue-id>: warn: <stage> from <client>: ').exec(LINE);
    expect(found?.groups).toEqual({ queueId: 'NOQUEUE', address: '203.0.113.1' });
  });

  it('writes out settings as the text they are', () => {
    expect(
      compile('^<prefix>.{2}<words> \\[<address>\\]', { words: 'a+(b)' }).test(
        'Nov 25 00:03:16 mx a/smtpd[1]: xxa+(b) [192.0.2.1]',
      ),
    ).toBe(true);
  });

  it('takes another program by its name', () => {
    const pattern = compile('^<prefix:dovecot>auth failed: rip=<address>,');
    expect(pattern.test('Nov 25 00:03:16 mx dovecot: auth failed: rip=192.0.2.1, x')).toBe(true);
    expect(pattern.test('Nov 25 00:03:16 mx mail/dovecot[7]: auth failed: rip=192.0.2.1, x')).toBe(true);
    expect(pattern.test('<22>1 2026-11-25T00:03:16Z mx dovecot - - - auth failed: rip=192.0.2.1, x')).toBe(true);
    expect(pattern.test('Nov 25 00:03:16 mx other[7]: auth failed: rip=192.0.2.1, x')).toBe(false);
  });

  it('takes the same at the start of a line whether it checks it or knows that it is good', () => {
    for (const prefix of ['<prefix>', '<prefix:dovecot>']) {
      const checked = compile(`^(?:${prefix})<stage> from <client>`);
      expect(checked.source.replace(/^\^\(\?:(.*)\)\(\?:CONNECT/s, '^$1(?:CONNECT')).toBe(
        compile(`^${prefix}<stage> from <client>`).source,
      );
    }
  });

  it('leaves "<" of other things alone', () => {
    const pattern = compile('^<prefix>from=\\<client>[^<>a<b>]<X> <1> (?<sender>a) rip=<address>');
    expect(pattern.test('Nov 25 00:03:16 mx a/smtpd[1]: from=<client>!<X> <1> a rip=192.0.2.1')).toBe(true);
  });

  it('lets "." match every byte', () => {
    expect(compile('^<prefix>.<words> <client>', { words: 'text' }).test('Nov 25 00:03:16 mx a/smtpd[1]: \x85text a[::1]')).toBe(
      true,
    );
  });
});

describe('compilePattern refuses', () => {
  it.each([
    [
      '<prefix>connect from <client>',
      '0: "<prefix>connect from <client>" is not anchored at the start of the line, begin with "^<prefix>"; a client could write the rest in the middle of a line',
    ],
    ['^<prefix>from <client>|from ', '23: "from " is not anchored at the start of the line'],
    ['(?:^<prefix>|x)connect from <client>', '0: "(?:^<prefix>|x)connect from <client>" is not anchored'],
  ])('a pattern not anchored at the start: %s', (pattern, message) => {
    expect(() => compile(pattern)).toThrow(message);
  });

  it.each([
    [
      '^.*connect from <client>',
      '1: unbounded piece ".*" before the client address, use building blocks or a class without blanks and brackets; a client could write another address into it',
    ],
    ['^<prefix>[^x]*connect from <client>', '9: unbounded piece "[^x]*" before'],
    ['^<prefix>\\S+connect from <client>', '9: unbounded piece "\\S+" before'],
    ['^<prefix>(?:a|[^:]+ )connect from <client>', '9: unbounded piece "(?:a|[^:]+ )" before'],
    ['^<prefix>connect .{0,100}from <client>', '17: unbounded piece ".{0,100}" before'],
    ['^<prefix>connect (?:..){2,20}from <client>', '17: unbounded piece "(?:..){2,20}" before'],
    ['^<prefix>connect ([a-z ]+)from <client>', '17: unbounded piece "([a-z ]+)" before'],
    ['^<prefix>helo=\\<(?<helo>.*)> from <client>', '16: unbounded piece "(?<helo>.*)" before'],
    ['^\\S+ +\\S+ from (?:x.*<client>)', '1: unbounded piece "\\S+" before'],
  ])('an unbounded piece before the address: %s', (pattern, message) => {
    expect(() => compile(pattern)).toThrow(message);
  });

  it.each([
    '^<prefix>connect from ',
    '^<prefix>connect(?: from <client>)?',
    '^<prefix>connect(?: from <client>)+',
    '^<prefix>connect(?: from <client>|ion lost)',
    '^<prefix>connect from <client>|^connect',
  ])('a pattern without a client address on every way: %s', (pattern) => {
    expect(() => compile(pattern)).toThrow(
      'no client address on every way through the pattern, add "<client>", once and not repeated',
    );
  });

  it.each([
    ['^<prefix>from <clinet>', '14: unknown building block "<clinet>", did you mean "<client>"? ("\\<clinet>" is the text itself)'],
    ['^<prefix>from <client> <txet>', '23: unknown building block "<txet>", did you mean "<text>"?'],
    ['^<prefix>from <client> <user:x>', '23: unknown building block "<user:x>", known are prefix, queue-id,'],
  ])('an unknown building block: %s', (pattern, message) => {
    expect(() => compile(pattern, { text: 'x' })).toThrow(message);
  });

  it.each([
    ['^<prefix>from <client> (?:a+)+$', '26: the repetition here can match one text in exponentially many ways'],
    ['^<prefix>from <client> (\\w+\\s?)*$', '24: the repetition here'],
  ])('what can backtrack exponentially: %s', (pattern, message) => {
    expect(() => compile(pattern)).toThrow(message);
  });

  it.each([
    ['^<prefix>(?=x)from <client>', '9: "(?=x)" looks ahead'],
    ['^<prefix>from <client>(?<!x)', '22: "(?<!x)" looks behind'],
    ['^<prefix>from <client> (a)\\1', '26: "\\1" refers back to a group'],
    ['^<prefix>from <client> (a', 'Unterminated group'],
    ['^<prefix>from <client> <client>', 'Duplicate capture group name'],
    ['^<prefix>from <client> é', '23: "é" is more than one byte'],
    ['^<address>[ab]', '0: "^<address>[ab]" has no fixed text of 3 characters or more'],
  ])('what has no place in a filter: %s', (pattern, message) => {
    expect(() => compile(pattern)).toThrow(message);
  });
});
