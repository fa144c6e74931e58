import { describe, expect, it } from 'vitest';
import { compiled } from '../../support/filters/patterns.ts';
import { ConfigError } from '../../../src/errors.ts';
import { expand } from '../../../src/filters/pattern/blocks.ts';
import { findStretches } from '../../../src/filters/pattern/stretches.ts';
import { parsePattern } from '../../../src/filters/pattern/syntax.ts';

const fault = (text: string): ConfigError => new ConfigError(text);

function written(pattern: string): { before: string[]; behind: string[]; named: number } {
  const expanded = expand(pattern, { text: 'trap', other: 'x y' }, fault);
  const { stretches, named } = findStretches(parsePattern(expanded.outline, fault), expanded);
  const textOf = (from: number, to: number): string => pattern.slice(expanded.offsetOf(from), expanded.offsetOf(to));
  const texts = (before: boolean): string[] =>
    stretches.flatMap(({ start, end, beforeAddress }) => (beforeAddress === before ? [textOf(start, end)] : []));
  return { before: texts(true), behind: texts(false), named };
}

describe('the text of a client before the address', () => {
  it.each([
    ['fixed text', '^<prefix>connect from <client>'],
    ['the blocks of the server', '^<prefix><queue-id>: <stage> <class> <reply><number> <id> <local-address> <client>'],
    ['a letter in both cases', '^<prefix>[Cc]onnect from <client>'],
    ['text that is repeated a fixed number of times', '^<prefix>-{3} (?:ab){2} <client>'],
    ['a choice of stages and classes', '^<prefix>(?:RCPT|DATA) (?:Client host|Helo command) <client>'],
    ['groups of these pieces', '^<prefix>(?<helo>(?:connect) (from)) <client>'],
  ])('is empty with %s', (_title, pattern) => {
    expect(written(pattern).before).toEqual([]);
  });

  it.each([
    ['a class of two characters', '^<prefix>a[bc] <client>', ['[bc]']],
    ['a choice of two different letters', '^<prefix>a[Ab] <client>', ['[Ab]']],
    ['not a class of one character', '^<prefix>a[b] <client>', []],
    ['any character', '^<prefix>a. <client>', ['.']],
    ['a repetition', '^<prefix>a +b{1,2}c* <client>', [' +', 'b{1,2}', 'c*']],
    ['an optional text', '^<prefix>a(?:bc)? <client>', ['(?:bc)?']],
    ['a choice', '^<prefix>(?:login|logout) <client>', ['(?:login|logout)']],
    ['a choice of a stage and another text', '^<prefix>(?:RCPT|trap) <client>', ['(?:RCPT|trap)']],
    ['a choice of blocks', '^<prefix>(?:<queue-id>|-): <client>', ['(?:<queue-id>|-)']],
    ['an optional block', '^<prefix>a<number>? <client>', ['<number>?']],
    ['a group', '^<prefix>a(?<helo>[a-z]*) <client>', ['[a-z]*']],
    ['a setting', '^<prefix>a <text> <other> <client>', ['<text>', '<other>']],
    ['fixed text in angle brackets', '^<prefix>user=\\<trap>, <client>', ['trap']],
    ['fixed text in angle brackets, in a group', '^<prefix>user=(\\<(?<trap>trap)>), <client>', ['trap']],
    ['a choice of stages in angle brackets', '^<prefix>\\<(?:RCPT|DATA)>: <client>', ['(?:RCPT|DATA)']],
    ['a block that contains text of clients', '^<prefix>a<more> <client>', ['<more>']],
  ])('is %s', (_title, pattern, expected) => {
    expect(written(pattern).before).toEqual(expected);
  });

  it('does not include text in angle brackets that also contain the address', () => {
    expect(written('^<prefix>a \\<client <client>>').before).toEqual([]);
    expect(written('^<prefix>a \\<client <client>').before).toEqual([]);
  });
});

describe('the text of a client after the address', () => {
  it.each([
    ['choices, optional groups and repetitions of fixed text', '^<prefix>a <client>(?:, (?:TLS|secured))*(?: x+)?(?:\\.|!)$'],
    ['choices, optional groups and repetitions of server blocks', '^<prefix>a <client>(?: <number>|<id>)?$'],
  ])('is empty with %s', (_title, pattern) => {
    expect(written(pattern).behind).toEqual([]);
  });

  it.each([
    ['a class', '^<prefix>a <client>[bc]$', ['[bc]']],
    ['a repeated class', '^<prefix>a <client>(?:[a-z])+ [^x]*$', ['(?:[a-z])+', '[^x]*']],
    ['a class in an optional group', '^<prefix>a <client>(?: id=[a-z]+)?$', ['[a-z]+']],
    ['a setting', '^<prefix>a <client> <text>', ['<text>']],
    ['fixed text in angle brackets', '^<prefix>a <client> \\<trap>', ['trap']],
    ['fixed text in angle brackets, in an optional group', '^<prefix>a <client>(?:, user=\\<trap>)?$', ['trap']],
    ['fixed text in angle brackets, in a choice', '^<prefix>a <client>(?:, user=\\<trap>|, x)$', ['trap']],
    ['fixed text in angle brackets, closed in a group', '^<prefix>a <client> \\<trap(?:>|!>)$', ['trap', '(?:>|!>)']],
    ['fixed text in angle brackets, opened in a group', '^<prefix>a <client>(?: (?<helo>\\<))?trap>', ['trap']],
  ])('is %s', (_title, pattern, expected) => {
    expect(written(pattern).behind).toEqual(expected);
  });
});

describe('the number of fixed characters that identify a line', () => {
  it.each([
    ['^<prefix>abc[0-9]def <client>', 3],
    ['^<prefix>.*abc <client>', 0],
    ['^<prefix><queue-id>: .*abc <client>', 2],
    ['^<prefix>abc <client>def', 4],
    ['^abc<prefix>d <client>', 5],
  ])('of the pattern %s is %i', (pattern, expected) => {
    expect(written(pattern).named).toBe(expected);
  });
});

describe('the positions in a line', () => {
  const line = 'Jun  1 10:00:00 mx postfix/smtpd[1]: login name=bob client=a[192.0.2.1], failed';

  it('include the address and each stretch that a client can write', () => {
    const { address, stretches } = compiled('^<prefix>login name=(?<trap>[a-z]*) client=<client>, failed$').placesIn(line) ?? {};
    expect(address && line.slice(...address)).toBe('192.0.2.1');
    expect(stretches?.map((span) => line.slice(...span))).toEqual(['bob']);
  });

  it('are found whatever names the groups of the pattern have', () => {
    const places = compiled('^<prefix>login name=(?<stretch0>[a-z]*) client=<client>, (?<stretch_1>[a-z]*)$').placesIn(line);
    expect(places?.stretches.map((span) => line.slice(...span))).toEqual(['bob', 'failed']);
  });

  it('leave out a stretch that the line does not have', () => {
    const places = compiled('^<prefix>login name=[a-z]* client=<client>, failed(?: after [a-z]+)?$').placesIn(line);
    expect(places?.stretches.map((span) => line.slice(...span))).toEqual(['bob']);
  });

  it('are undefined for a line that does not match', () => {
    expect(compiled('^<prefix>login name=[a-z]* client=<client>, refused$').placesIn(line)).toBeUndefined();
  });
});
