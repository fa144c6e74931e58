import { describe, expect, it } from 'vitest';
import { createLog, LEVELS, Seldom } from '../../src/lib/log.ts';

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
