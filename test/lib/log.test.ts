import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog, LEVELS, Seldom, Spate } from '../../src/lib/log.ts';

const setUp = () => {
  const said: string[] = [];
  const clock = { now: 0 };
  const seldom = new Seldom(1000, () => clock.now);
  return { said, clock, say: (key: string, text: string) => seldom.say(key, text, (line) => said.push(line)) };
};

describe('createLog', () => {
  it('writes what is at or above its level', () => {
    const lines: string[] = [];
    const log = createLog('notice', false, (line) => lines.push(line));
    for (const level of LEVELS) log[level](`at ${level}`);
    expect(lines).toEqual(['at notice', 'at warn', 'at error']);
  });

  it('puts the priority of syslog(3) in front for journald', () => {
    const lines: string[] = [];
    const log = createLog('debug', true, (line) => lines.push(line));
    for (const level of LEVELS) log[level]('x');
    expect(lines).toEqual(['<7>x', '<6>x', '<5>x', '<4>x', '<3>x']);
  });

  it('writes one line an event, whatever the text', () => {
    const lines: string[] = [];
    createLog('info', true, (line) => lines.push(line)).info('one\n<3>two\u001b[2J');
    expect(lines).toEqual(['<6>one\\u{a}<3>two\\u{1b}[2J']);
  });

  it('cuts a text of more than 2000 characters', () => {
    const lines: string[] = [];
    createLog('info', false, (line) => lines.push(line)).info('x'.repeat(5_000_000));
    expect(lines).toEqual([`${'x'.repeat(2000)}...`]);
  });
});

describe('Seldom', () => {
  it('says a thing once in its interval, then counts what it held back', () => {
    const { said, clock, say } = setUp();
    say('a', 'first');
    say('a', 'second');
    say('a', 'third');
    clock.now = 1000;
    say('a', 'fourth');
    expect(said).toEqual(['first', 'fourth (and 2 more like it)']);
  });

  it('keeps different things apart', () => {
    const { said, say } = setUp();
    say('a', 'one');
    say('b', 'two');
    expect(said).toEqual(['one', 'two']);
  });

  it('does not fall silent when the clock is set back', () => {
    const { said, clock, say } = setUp();
    clock.now = 10_000_000;
    say('a', 'before');
    clock.now = 0;
    say('a', 'after');
    expect(said).toEqual(['before', 'after']);
  });

  it('says everything when there are very many things, in bounded memory', () => {
    const { said, say } = setUp();
    for (let count = 0; count < 5000; count += 1) say(`key ${count}`, 'text');
    expect(said).toHaveLength(5000);
  });
});

describe('Spate', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('passes on what is said within its measure', () => {
    const said: string[] = [];
    const spate = new Spate(3, (text) => said.push(text));
    for (const word of ['one', 'two', 'three']) spate.say('word', () => word);
    vi.advanceTimersByTime(5000);
    for (const word of ['four', 'five']) spate.say('word', () => word);
    expect(said).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('counts what is beyond it, each kind by itself, and says how much it was when the second is over', () => {
    const said: string[] = [];
    const asked: number[] = [];
    const spate = new Spate(2, (text) => said.push(text));
    const ask = (number: number): string => {
      asked.push(number);
      return `ban ${number}`;
    };
    for (let number = 1; number <= 1000; number += 1) spate.say('ban', () => ask(number));
    spate.say('unban', () => 'unban 1');
    expect(said).toEqual(['ban 1', 'ban 2', 'unban 1']);
    vi.advanceTimersByTime(1000);
    expect(said.slice(3)).toEqual(['ban: 998 more within a second']);
    spate.say('ban', () => 'ban 1001');
    expect(said.at(-1)).toBe('ban 1001');
    expect(asked).toEqual([1, 2]);
  });

  it('says what it held back when it is told to', () => {
    const said: string[] = [];
    const spate = new Spate(1, (text) => said.push(text));
    for (const word of ['one', 'two']) spate.say('word', () => word);
    spate.flush();
    spate.flush();
    expect(said).toEqual(['one', 'word: 1 more within a second']);
  });
});
