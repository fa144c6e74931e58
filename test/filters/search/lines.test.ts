import { describe, expect, it } from 'vitest';
import { findLines, Literals, startsOf, type Needles, unescapedPart } from '../../../src/filters/search/lines.ts';

/** Needles with the literals of a list; the jails of each are its index or those in `jails`. */
const needlesOf = (
  texts: readonly string[],
  jails: readonly (readonly number[] | undefined)[] = texts.map((_, index) => [index]),
): Needles => ({
  literals: new Literals(texts),
  jails,
});

const lines = (text: string, needles: string[], limit = 100): { text: string; jails: readonly number[] }[] =>
  findLines({ bytes: Buffer.from(text, 'latin1'), at: 0 }, needlesOf(needles), limit).map((line) => ({
    text: line.text,
    jails: line.jails,
  }));

describe('findLines', () => {
  it('returns each line once, in order, with the jails of all its needles', () => {
    expect(lines('bb aa\nnone\naa aa\n\nbb', ['aa', 'bb'])).toEqual([
      { text: 'bb aa', jails: [0, 1] },
      { text: 'aa aa', jails: [0] },
      { text: 'bb', jails: [1] },
    ]);
  });

  it.each([
    ['a line at the start of a batch', 'aa\nx', ['aa']],
    ['a line cut at the limit', `aa${'x'.repeat(200)}\naa`, [`aa${'x'.repeat(98)}`, 'aa']],
    ['a line without the NULs before it and the carriage return after it', '\0\0aa\0x\r\n', ['aa\0x']],
    ['no line in NULs and empty lines', '\0\0\n\n', []],
  ])('reads %s', (_title, text, expected) => {
    expect(lines(text, ['aa']).map((line) => line.text)).toEqual(expected);
  });

  it('reads no repeats behind a line that is itself a repeat, so that many repeats with a literal take linear time', () => {
    const repeat = "Nov 28 17:00:00 mx app: Last message 'aa' repeated 3 times, suppressed by syslog-ng on mx\n";
    const found = findLines({ bytes: Buffer.from(`mx aa\n${repeat.repeat(3)}`), at: 0 }, needlesOf(['aa']), 100);
    expect(found.map(({ behind }) => behind.repeats.length)).toEqual([3, 0, 0, 0]);
  });

  it('cuts a line at the limit', () => {
    expect(lines(`aa${'x'.repeat(98)}`, ['aa'])[0]?.text).toHaveLength(100);
    expect(lines(`\0aa${'x'.repeat(98)}`, ['aa'])[0]?.text).toHaveLength(100);
  });

  it('searches for the bytes of a literal', () => {
    expect(lines('x \xc3\xb6 y', ['\xc3\xb6'])).toEqual([{ text: 'x \xc3\xb6 y', jails: [0] }]);
  });

  it('returns the repeat lines after each line', () => {
    const bytes = Buffer.from('Jun  1 10:00:00 a aa\nJun  1 10:00:09 a last message repeated 3 times\naa\nb\naa\n');
    const found = findLines({ bytes, at: 0 }, needlesOf(['aa']), 100);
    expect(found.map(({ behind }) => [behind.repeats.map(({ times }) => times), behind.open])).toEqual([
      [[3], false],
      [[], false],
      [[], true],
    ]);
  });

  it('returns the jails of a line with several needles once, in their order', () => {
    const bytes = Buffer.from('aa bb cc');
    const [line] = findLines({ bytes, at: 0 }, needlesOf(['cc', 'bb', 'aa'], [[1, 2], [0, 2], [1]]), 100);
    expect(line?.jails).toEqual([0, 1, 2]);
  });

  it('finds the lines of short and long literals in their order, each once', () => {
    const text = 'long literal\nshort\nshort, long literal\nnone\nanother, long literal, short\n';
    expect(lines(text, ['short', 'long literal', 'another literal'])).toEqual([
      { text: 'long literal', jails: [1] },
      { text: 'short', jails: [0] },
      { text: 'short, long literal', jails: [0, 1] },
      { text: 'another, long literal, short', jails: [0, 1] },
    ]);
  });

  it('finds every literal of a line, also behind a literal that is in the line many times', () => {
    const often = 'often here '.repeat(50);
    expect(lines(`${often}and rarely here\n${often}\nrarely here`, ['often here', 'rarely here'], 20)).toEqual([
      { text: often.slice(0, 20), jails: [0, 1] },
      { text: often.slice(0, 20), jails: [0] },
      { text: 'rarely here', jails: [1] },
    ]);
  });

  it('passes over the lines of a literal for which no jail looks in this source', () => {
    const bytes = Buffer.from('the first literal\nthe other literal\nboth, first literal, other literal\n');
    const needles = needlesOf(['first literal', 'other literal'], [undefined, [3]]);
    expect(findLines({ bytes, at: 0 }, needles, 100).map(({ text, jails }) => [text, jails])).toEqual([
      ['the other literal', [3]],
      ['both, first literal, other literal', [3]],
    ]);
    expect(startsOf(bytes, needles)).toEqual([18, 36]);
  });

  it('finds the lines of a literal without jails, which may be near misses', () => {
    const needles = needlesOf(['discard: RCPT', ' triggers spamtrap', 'trap'], [[], [1], [0]]);
    const bytes = Buffer.from('x discard: RCPT y\nz\nx discard: RCPT y triggers spamtrap\na trap\n triggers spamtra\n');
    expect(findLines({ bytes, at: 0 }, needles, 100).map((line) => line.jails)).toEqual([[], [0, 1], [0]]);
    expect(startsOf(bytes, needles)).toEqual([0, 20, 56]);
  });

  it('finds no line without literals', () => {
    expect(lines('a line\n', [])).toEqual([]);
  });
});

describe('a line in an envelope', () => {
  const envelopes = {
    escaped: true,
    open: (start: number, end: number) => (end - start > 20 ? undefined : { text: `x${start}-${end} trap`, at: 5 }),
  };

  it('is the line that the envelope holds, with the date of the envelope and up to the limit', () => {
    const bytes = Buffer.from('a\n\0a trap\r\nb trap of a line that is refused\n');
    const found = findLines({ bytes, at: 0, envelopes }, needlesOf(['trap']), 6);
    expect(found.map(({ written, dated }) => [written, dated])).toEqual([['x3-9 t', 5]]);
  });
});

describe('unescapedPart', () => {
  it.each([
    ['triggers spamtrap', 'triggers spamtrap'],
    ['triggers "no/such" mailboxes', ' mailboxes'],
    ['<trap>: refus\xc3\xa9', ': refus'],
    ['<>', '<>'],
  ])('of %j is the longest text that no encoder of JSON escapes', (literal, part) => {
    expect(unescapedPart(literal)).toBe(part);
  });
});
