import { describe, expect, it } from 'vitest';
import { compiled, refusalOf } from '../../support/filters/patterns.ts';

const compile = (pattern: string, settings: Record<string, string> = {}): RegExp => compiled(pattern, settings).regexp;

const LINE = 'Nov 25 00:03:16 mx postfix/smtpd[18531]: NOQUEUE: warn: RCPT from host.example[203.0.113.1]: text';

describe('compilePattern', () => {
  it('expands building blocks', () => {
    const found = compile('^<prefix><queue-id>: warn: <stage> from <client>: ').exec(LINE);
    expect(found?.groups).toEqual({ queueId: 'NOQUEUE', address: '203.0.113.1' });
  });

  it('inserts settings as text', () => {
    expect(
      compile('^<prefix>from \\[<address>\\] .{2}<words>$', { words: 'a+(b)' }).test(
        'Nov 25 00:03:16 mx postfix/smtpd[1]: from [192.0.2.1] xxa+(b)',
      ),
    ).toBe(true);
  });

  it('accepts a prefix with the name of another program', () => {
    const pattern = compile('^<prefix:dovecot>auth failed: rip=<address>,');
    expect(pattern.test('Nov 25 00:03:16 mx dovecot: auth failed: rip=192.0.2.1, x')).toBe(true);
    expect(pattern.test('Nov 25 00:03:16 mx mail/dovecot[7]: auth failed: rip=192.0.2.1, x')).toBe(true);
    expect(pattern.test('<22>1 2026-11-25T00:03:16Z mx dovecot - - - auth failed: rip=192.0.2.1, x')).toBe(true);
    expect(pattern.test('Nov 25 00:03:16 mx other[7]: auth failed: rip=192.0.2.1, x')).toBe(false);
  });

  it('compiles a prefix inside a group to the same expression as a prefix outside of a group', () => {
    const checked = compile('^(?:<prefix:dovecot>)<stage> from <client>');
    expect(checked.source.replace(/^\^\(\?:(.*)\)\(\?:CONNECT/s, '^$1(?:CONNECT')).toBe(
      compile('^<prefix:dovecot><stage> from <client>').source,
    );
  });

  it('accepts a name of Postfix without "/smtpd" only in a prefix at the start of a pattern, where it can check the message', () => {
    const message = 'NOQUEUE: discard: RCPT from a[192.0.2.1]: x';
    const whole = `<22>1 2026-11-25T00:03:16Z mx postfix/smtpd 1 - - ${message}`;
    const [known, checked] = ['<prefix>', '(?:<prefix>)'].map((prefix) =>
      compile(`^${prefix}NOQUEUE: discard: <stage> from <client>`),
    );
    expect([known?.test(whole), checked?.test(whole)]).toEqual([true, true]);
    const cut = whole.replace('/smtpd', '');
    expect([known?.test(cut), checked?.test(cut)]).toEqual([true, false]);
    expect(compile('^<prefix>user=NOQUEUE: discard: <stage> from <client>').test(cut.replace('NOQ', 'user=NOQ'))).toBe(false);
  });

  it('keeps "<" that begins no building block', () => {
    const pattern = compile('^<prefix>rip=<address> from=\\<client>[^<>a<b>]<X> <1> (?<sender>a)');
    expect(pattern.test('Nov 25 00:03:16 mx postfix/smtpd[1]: rip=192.0.2.1 from=<client>!<X> <1> a')).toBe(true);
  });

  it('makes "." match every byte', () => {
    expect(
      compile('^<prefix>from <client> .<words>', { words: 'text' }).test(
        'Nov 25 00:03:16 mx postfix/smtpd[1]: from a[::1] \x85text',
      ),
    ).toBe(true);
  });

  it('has blocks for text that other programs write', () => {
    const pattern = compile('^<prefix:dovecot>login <number>: rip=<address>, lip=<local-address>, id=<id>$');
    const line = 'Nov 25 00:03:16 mx dovecot: login 17: rip=192.0.2.1, lip=2001:db8::25, id=aB1+/=_.-';
    expect(pattern.exec(line)?.groups?.['address']).toBe('192.0.2.1');
    expect(pattern.test(line.replace('17', '1a'))).toBe(false);
    expect(pattern.test(line.replace('aB1', 'a b'))).toBe(false);
  });
});

describe('compilePattern', () => {
  it.each([
    [
      '<prefix>connect from <client>',
      '0: "<prefix>connect from <client>" is not anchored at the start of the line, begin with "^<prefix>"; a client could write the rest in the middle of a line',
    ],
    ['^<prefix>from <client>|from ', '23: "from " is not anchored at the start of the line'],
    ['(?:^<prefix>|x)connect from <client>', '0: "(?:^<prefix>|x)connect from <client>" is not anchored'],
  ])('refuses a pattern that is not anchored at the start: %s', (pattern, message) => {
    expect(refusalOf(pattern, { text: 'x' })).toContain(message);
  });

  it.each([
    ['^.*connect from <client>', '1: variable piece ".*" before'],
    ['^<prefix>[^x]*connect from <client>', '9: variable piece "[^x]*" before'],
    ['^<prefix>\\S+connect from <client>', '9: variable piece "\\S+" before'],
    ['^<prefix>(?:a|[^:]+ )connect from <client>', '9: variable piece "(?:a|[^:]+ )" before'],
    ['^<prefix>connect .{0,100}from <client>', '17: variable piece ".{0,100}" before'],
    ['^<prefix>connect (?:..){2,20}from <client>', '17: variable piece "(?:..){2,20}" before'],
    ['^<prefix>connect ([a-z ]+)from <client>', '18: variable piece "[a-z ]+" before'],
    ['^<prefix>helo=\\<(?<helo>.*)> from <client>', '24: variable piece ".*" before'],
    ['^\\S+ +\\S+ from (?:x.*<client>)', '1: variable piece "\\S+" before'],
  ])('refuses a variable piece before the address: %s', (pattern, message) => {
    expect(refusalOf(pattern)).toContain(message);
  });

  it.each([
    [
      'the end of the line',
      '^<prefix>login name=[A-Za-z0-9.-]+ client=<client>, failed',
      'write "^<prefix>login name=[A-Za-z0-9.-]+ client=<client>, failed$" if its lines end there; ',
    ],
    ['a number', '^<prefix>login \\d{1,3} of [0-9]+ from <client>', 'write "^<prefix>login <number> of <number> from <client>"; '],
    ['one blank', '^<prefix>login\\s+from +<client>', 'write "^<prefix>login from <client>"; '],
    [
      'both',
      '^<prefix>login <number> of [0-9]+ name=.* client=<client>, <number> of [0-9]+',
      'write "^<prefix>login <number> of <number> name=.* client=<client>, <number> of <number>$" if its lines end there; ',
    ],
    [
      'an address of the server',
      '^<prefix:dovecot>login: user=.* rip=<address>, lip=[0-9a-f.:]+$',
      'write "^<prefix:dovecot>login: user=.* rip=<address>, lip=<local-address>$"; ',
    ],
    [
      'no alternative',
      '^<prefix>login name=.* client=<client>, agent=.*$',
      'use fixed text and building blocks instead, or use only these after the address and end the pattern with "$"; ',
    ],
    [
      'no alternative for a piece after the address',
      '^<prefix>login from <address>[0-9]* failed',
      'add fixed text before and after it; ',
    ],
  ])('proposes an acceptable pattern: %s', (_title, pattern, advice) => {
    expect(refusalOf(pattern)).toContain(`, ${advice}`);
  });

  it('proposes an acceptable pattern only if it matches the example lines', () => {
    const pattern = '^<prefix>login name=[a-z]+ client=<client>, failed';
    const line = 'Nov 25 00:03:16 mx postfix/smtpd[1]: login name=bob client=a[192.0.2.1], failed';
    const other = 'Nov 25 00:03:16 mx postfix/smtpd[1]: logout';
    expect(refusalOf(pattern, {}, [line, other])).toContain(`write "${pattern}$"`);
    expect(refusalOf(pattern, {}, [line, `${line} again`])).toContain('use fixed text and building blocks');
  });

  it('refuses a pattern without a client address', () => {
    expect(refusalOf('^<prefix>connect from ', { text: 'x' })).toContain('add "<client>" or "<address>", once');
  });

  it.each([
    '^<prefix>connect(?: from <client>)?',
    '^<prefix>connect(?: from <client>)+',
    '^<prefix>connect(?: from <client>|ion lost)',
    '^<prefix>connect from <client>|^connect',
  ])('refuses a pattern that can match without a client address: %s', (pattern) => {
    expect(refusalOf(pattern, { text: 'x' })).toContain(
      'no client address on every way through the pattern, move it out of the choice, option or repetition around it',
    );
  });

  it.each([
    ['^<prefix>from <clinet>', '14: unknown building block "<clinet>", did you mean "<client>"? ("\\<clinet>" is the text itself)'],
    ['^<prefix>from <client> <txet>', '23: unknown building block "<txet>", did you mean "<text>"?'],
    ['^<prefix>from <client> <user:x>', '23: unknown building block "<user:x>", known are prefix, queue-id,'],
  ])('refuses an unknown building block: %s', (pattern, message) => {
    expect(refusalOf(pattern, { text: 'x' })).toContain(message);
  });

  it.each([
    ['^<prefix>from <client> (?:a+)+$', '26: the repetition here can match one text in exponentially many ways'],
    ['^<prefix>from <client> (\\w+\\s?)*$', '24: the repetition here'],
  ])('refuses a pattern that can backtrack exponentially: %s', (pattern, message) => {
    expect(refusalOf(pattern, { text: 'x' })).toContain(message);
  });

  it.each([
    ['^<prefix>(?=x)from <client>', '9: "(?=x)" looks ahead'],
    ['^<prefix>from <client>(?<!x)', '22: "(?<!x)" looks behind'],
    ['^<prefix>from <client> (a)\\1', '26: "\\1" refers back to a group'],
    ['^<prefix>from <client> (a', 'Unterminated group'],
    [
      '^<prefix>from <client> <address>',
      '23: "<address>" is a second client address, one is allowed; use "<local-address>" for an address of the server',
    ],
    ['^<prefix>from <client> (?i:x)', '24: "(?i:" switches flags, write a letter in both cases, like "[Ll]"'],
    ['^<prefix>from <client> (?P<user>x)', '26: "(?P<user>" is written "(?<user>" in filters'],
    ['^<prefix>from <client> (?<a>x)(?<a>y)', 'Duplicate capture group name'],
    ['^<prefix>from <client> é', '23: "é" is more than one byte'],
    ['^<address>[ab]', '0: "^<address>[ab]" has no fixed text of 3 characters or more'],
  ])('refuses other pieces that a filter may not have: %s', (pattern, message) => {
    expect(refusalOf(pattern, { text: 'x' })).toContain(message);
  });
});
