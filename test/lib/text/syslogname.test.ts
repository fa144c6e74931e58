import { describe, expect, it } from 'vitest';
import { isSyslogName } from '../../../src/lib/text/syslogname.ts';

describe('a syslog name', () => {
  it.each([
    'postfix',
    'postfix*',
    'mail-in/submission',
    'a.b_c-9/d*',
    'x'.repeat(64),
    'a/b/c/d/e/f/g/h',
    'postfix+in',
    'mail@in',
    'post-ä',
  ])('may be %s', (name) => {
    expect(isSyslogName(name)).toBe(true);
  });

  it.each([
    '',
    '*',
    '/',
    'a/',
    '/a',
    'a*b',
    'a**',
    '*/a',
    'a b',
    'a[1]',
    'a|b',
    'a:b',
    'a\u{a0}b',
    'a\u{85}',
    'a\n',
    'x'.repeat(65),
    'a/b/c/d/e/f/g/h/i',
    '$x',
  ])('may not be %j', (name) => {
    expect(isSyslogName(name)).toBe(false);
  });
});
