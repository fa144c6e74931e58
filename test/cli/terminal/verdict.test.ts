import { describe, expect, it } from 'vitest';
import { isOver, jsonOf, textOf, type Meaning } from '../../../src/cli/terminal/verdict.ts';
import type { Address, Network } from '../../../src/lib/address.ts';
import type { Hit, Verdict } from '../../../src/words/walk.ts';

const HOUR = 3_600_000;
const hit: Hit = {
  jail: 'spamtrap',
  rule: 'recipient',
  address: '203.0.113.7' as Address,
  at: HOUR,
  key: 'k',
  fields: { trap: 'trap@example.com' },
};
const network = '203.0.113.7/32' as Network;
const meaning: Meaning = { now: 1.5 * HOUR, findtimes: new Map([['spamtrap', 600_000]]) };
const later: Meaning = { ...meaning, now: 2 * HOUR };

const ban = (until: number | null, note?: string): Verdict => ({
  kind: 'ban',
  hit,
  ban: { network, jail: 'spamtrap', since: HOUR, until, offence: 1, origin: 'log', reason: 'recipient' },
  ...(note === undefined ? {} : { note }),
});

const START = '7: hit by 203.0.113.7, rule recipient of jail spamtrap (trap@example.com) -> ';

describe('the verdict on a line', () => {
  it.each<[string, Verdict, string]>([
    ['a ban', ban(2 * HOUR), 'ban: 203.0.113.7 for 1h, offence 1'],
    ['a ban for ever', ban(null), 'ban: 203.0.113.7 for ever, offence 1'],
    ['a ban with a note', ban(2 * HOUR, 'narrowed'), 'ban: 203.0.113.7 for 1h, offence 1, narrowed'],
    [
      'a spared client',
      { kind: 'spare', hit, because: '203.0.113.0/24 (allow.txt:1)' },
      'never banned: 203.0.113.0/24 (allow.txt:1)',
    ],
    ['a hit below maxretry', { kind: 'watch', hit, network, count: 1, maxretry: 3 }, 'no ban yet: hit 1 of 3 within 10m'],
    ['a client that is banned', { kind: 'held', hit, network, until: null }, 'banned already: 203.0.113.7'],
  ])('is %s', (_, verdict, text) => {
    expect(textOf(7, [verdict], meaning)).toBe(START + text);
  });

  it('K04: is a ban that is over, from the instant of its end on', () => {
    expect(textOf(7, [ban(2 * HOUR)], later)).toMatch(
      /-> no ban now: 203\.0\.113\.7 for 1h, offence 1, over since 1970-01-01 \d\d:00:00$/,
    );
    expect([isOver(ban(2 * HOUR), meaning.now), isOver(ban(2 * HOUR), later.now), isOver(ban(null), later.now)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('is no hit, or one line for each jail', () => {
    expect(textOf(7, [], meaning)).toBe('7: no hit');
    expect(textOf(7, [ban(null), ban(null)], meaning).split('\n')).toHaveLength(2);
  });

  it('is one JSON object', () => {
    expect(jsonOf(7, [], meaning)).toEqual({ line: 7, hit: false });
    expect(jsonOf(7, [ban(2 * HOUR), ban(2 * HOUR)], later)).toMatchObject({
      line: 7,
      hit: true,
      verdict: 'ban',
      over: true,
      count: 2,
    });
    expect(jsonOf(7, [{ kind: 'held', hit, network, until: null }], later)).not.toHaveProperty('over');
  });
});
