import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimit, Throttle } from '../../../src/lib/text/throttle.ts';

const setUp = () => {
  const written: string[] = [];
  const clock = { now: 0 };
  const throttle = new Throttle(1000, () => clock.now);
  const pass = (key: string, text: string): void => throttle.pass(key, text, (line) => written.push(line));
  return { written, clock, pass };
};

describe('Throttle', () => {
  it('writes one text for each key and interval, and adds the number of omitted texts to the next text', () => {
    const { written, clock, pass } = setUp();
    pass('a', 'first');
    pass('a', 'second');
    pass('a', 'third');
    clock.now = 1000;
    pass('a', 'fourth');
    expect(written).toEqual(['first', 'fourth (and 2 more like it)']);
  });

  it('counts omitted texts and time from the last written text', () => {
    const { written, clock, pass } = setUp();
    for (const now of [5000, 5500, 6000, 7000]) {
      clock.now = now;
      pass('a', `at ${now}`);
    }
    expect(written).toEqual(['at 5000', 'at 6000 (and 1 more like it)', 'at 7000']);
  });

  it.each([
    [999, ['before']],
    [1000, ['before', 'after']],
  ])('has an interval of 1000 ms, when the second text comes after %d ms', (now, expected) => {
    const { written, clock, pass } = setUp();
    pass('a', 'before');
    clock.now = now;
    pass('a', 'after');
    expect(written).toEqual(expected);
  });

  it('limits the texts of each key separately', () => {
    const { written, pass } = setUp();
    pass('a', 'one');
    pass('b', 'two');
    expect(written).toEqual(['one', 'two']);
  });

  it('does not stop writing when the clock is set back', () => {
    const { written, clock, pass } = setUp();
    clock.now = 10_000_000;
    pass('a', 'before');
    clock.now = 0;
    pass('a', 'after');
    expect(written).toEqual(['before', 'after']);
  });

  it('writes the texts of very many keys', () => {
    const { written, pass } = setUp();
    for (let count = 0; count < 5000; count += 1) pass(`key ${count}`, 'text');
    expect(written).toHaveLength(5000);
  });

  it('remembers 1000 keys, and forgets all of them when another key comes', () => {
    const { written, pass } = setUp();
    for (let count = 0; count < 1000; count += 1) pass(`key ${count}`, 'text');
    pass('key 0', 'left out');
    expect(written).toHaveLength(1000);
    pass('key 1000', 'one key more');
    pass('key 0', 'again');
    expect(written.slice(1000)).toEqual(['one key more', 'again']);
  });
});

describe('RateLimit', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('writes every text within the limit', () => {
    const written: string[] = [];
    const limit = new RateLimit(3, (text) => written.push(text));
    for (const word of ['one', 'two', 'three']) limit.pass('word', () => word);
    vi.advanceTimersByTime(5000);
    for (const word of ['four', 'five']) limit.pass('word', () => word);
    expect(written).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('counts the texts above the limit, separately for each kind, and writes their number when the second is over', () => {
    const written: string[] = [];
    const made: number[] = [];
    const limit = new RateLimit(2, (text) => written.push(text));
    const make = (number: number): string => {
      made.push(number);
      return `ban ${number}`;
    };
    for (let number = 1; number <= 1000; number += 1) limit.pass('ban', () => make(number));
    limit.pass('unban', () => 'unban 1');
    expect(written).toEqual(['ban 1', 'ban 2', 'unban 1']);
    vi.advanceTimersByTime(999);
    expect(written).toHaveLength(3);
    vi.advanceTimersByTime(1);
    expect(written.slice(3)).toEqual(['ban: 998 more within a second']);
    limit.pass('ban', () => 'ban 1001');
    expect(written.at(-1)).toBe('ban 1001');
    expect(made).toEqual([1, 2]);
  });

  it('counts all kinds beyond the hundredth as one kind', () => {
    const written: string[] = [];
    const limit = new RateLimit(2, (text) => written.push(text));
    for (let kind = 1; kind <= 1000; kind += 1) limit.pass(`kind ${kind}`, () => `text ${kind}`);
    expect(written).toHaveLength(102);
    vi.advanceTimersByTime(1000);
    expect(written.slice(102)).toEqual(['further lines: 898 more within a second']);
  });

  it('counts the texts of each second separately', () => {
    const written: string[] = [];
    const limit = new RateLimit(1, (text) => written.push(text));
    for (const seconds of [1, 2, 3]) {
      for (const word of ['one', 'two', 'three'].slice(0, seconds)) limit.pass('word', () => word);
      vi.advanceTimersByTime(1000);
    }
    expect(written).toEqual(['one', 'one', 'word: 1 more within a second', 'one', 'word: 2 more within a second']);
  });

  it('writes the number of omitted texts once when it is flushed', () => {
    const written: string[] = [];
    const limit = new RateLimit(1, (text) => written.push(text));
    for (const word of ['one', 'two']) limit.pass('word', () => word);
    limit.flush();
    limit.flush();
    expect(written).toEqual(['one', 'word: 1 more within a second']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
