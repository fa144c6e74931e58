import { describe, expect, it } from 'vitest';
import { AllowList, Judge, type JailPolicy, type JudgeOptions } from '../../src/decision/decide.ts';
import type { Verdict } from '../../src/types.ts';
import { clean, DAY, hit, HOUR, known, MINUTE, NOON, policy } from '../support/decision-words.ts';

function judgeOf(rest: Partial<JailPolicy> = {}, options: JudgeOptions = {}): Judge {
  const policies = [policy(rest)];
  return new Judge(policies, AllowList.load(policies, { addresses: () => ['198.51.100.1', '2001:db8:1::1'] }), options);
}

const kinds = (verdicts: readonly Verdict[]): string[] => verdicts.map((verdict) => verdict.kind);

/** The bans among the verdicts: network and length in milliseconds. */
const bansOf = (verdicts: readonly Verdict[]): unknown[] =>
  verdicts.flatMap((verdict) => {
    if (verdict.kind !== 'ban') return [];
    const { network, since, until } = verdict.ban;
    return [[network, until === null ? null : until - since]];
  });

describe('Judge.decide', () => {
  it('bans a stranger at the first hit, from the time of the hit', () => {
    const one = hit('192.0.2.7', NOON);
    expect(judgeOf().decide([one], clean)).toEqual([
      {
        kind: 'ban',
        hit: one,
        ban: {
          network: '192.0.2.7/32',
          jail: 'spamtrap',
          since: NOON,
          until: NOON + HOUR,
          offence: 1,
          origin: 'log',
          reason: 'recipient',
        },
      },
    ]);
  });

  it('spares who is allowed, and says by what', () => {
    const [verdict] = judgeOf({ ignoreip: ['192.0.2.0/24'] }).decide([hit('192.0.2.7')], clean);
    expect(verdict).toMatchObject({ kind: 'spare', because: '192.0.2.0/24 (ignoreip)' });
  });

  it.each(['127.0.0.1', '::1', 'fe80::9', '198.51.100.1', '2001:db8:1::1'])('A02: spares %s', (client) => {
    expect(kinds(judgeOf().decide([hit(client)], clean))).toEqual(['spare']);
  });

  it('spares a hit for a jail that is not there', () => {
    expect(judgeOf().decide([hit('192.0.2.7', NOON, { jail: 'gone' })], clean)).toMatchObject([
      { kind: 'spare', because: 'no such jail here' },
    ]);
  });

  it('watches until maxretry is reached within findtime', () => {
    const judge = judgeOf({ maxretry: 3 });
    const verdicts = judge.decide(
      [0, 1, 2].map((minute) => hit('192.0.2.7', NOON + minute * MINUTE)),
      clean,
    );
    expect(verdicts).toMatchObject([
      { kind: 'watch', count: 1, maxretry: 3 },
      { kind: 'watch', count: 2, maxretry: 3 },
      { kind: 'ban', ban: { since: NOON + 2 * MINUTE } },
    ]);
  });

  it('T11: three hits over three days are no ban, in one batch or in three', () => {
    const hits = [0, 1, 2].map((day) => hit('192.0.2.7', NOON + day * DAY));
    const rest = { maxretry: 3, findtime: HOUR };
    expect(kinds(judgeOf(rest).decide(hits, clean))).toEqual(['watch', 'watch', 'watch']);
    const judge = judgeOf(rest);
    expect(hits.flatMap((each) => kinds(judge.decide([each], clean)))).toEqual(['watch', 'watch', 'watch']);
  });

  it('holds further hits of a network that was banned in the same call', () => {
    const hits = [0, 1, 59, 60].map((minute) => hit('192.0.2.7', NOON + minute * MINUTE));
    const verdicts = judgeOf().decide(hits, clean);
    expect(kinds(verdicts)).toEqual(['ban', 'held', 'held', 'ban']);
    expect(verdicts[1]).toMatchObject({ until: NOON + HOUR });
    expect(verdicts[3]).toMatchObject({ ban: { offence: 2, until: NOON + HOUR + 2 * HOUR } });
  });

  it.each([
    [{ bannedUntil: NOON + 1 }, 'held'],
    [{ bannedUntil: null }, 'held'],
    [{ bannedUntil: NOON }, 'ban'],
    [{ bannedUntil: NOON - 1, lastOffence: NOON - HOUR, offences: 1 }, 'ban'],
  ])('knowing %j decides %s', (past, kind) => {
    expect(kinds(judgeOf().decide([hit('192.0.2.7')], known(past)))).toEqual([kind]);
  });

  it('B06: bans longer each time, within bounds, and forgets after a quiet time', () => {
    const increment = { factor: 16, max: DAY, forget: 30 * DAY };
    const hits = Array.from({ length: 10 }, (_, n) => hit('192.0.2.7', NOON + n * 2 * DAY));
    const later = hit('192.0.2.7', NOON + 50 * DAY);
    const lengths = bansOf(judgeOf({ increment }).decide([...hits, later], clean)).map((each) => (each as unknown[])[1]);
    expect(lengths).toEqual([HOUR, 16 * HOUR, ...Array.from({ length: 8 }, () => DAY), HOUR]);
  });

  it('bans for ever when bantime says so', () => {
    const verdicts = judgeOf({ bantime: null }).decide([hit('192.0.2.7'), hit('192.0.2.7', NOON + 400 * DAY)], clean);
    expect(verdicts).toMatchObject([
      { kind: 'ban', ban: { until: null } },
      { kind: 'held', until: null },
    ]);
  });

  it('N01: counts and bans an IPv6 client by its /64', () => {
    const hits = ['a', 'b', 'c'].map((end, n) => hit(`2001:db8:1:2::${end}`, NOON + n));
    const verdicts = judgeOf({ maxretry: 3 }).decide(hits, clean);
    expect(kinds(verdicts)).toEqual(['watch', 'watch', 'ban']);
    expect(bansOf(verdicts)).toEqual([['2001:db8:1:2::/64', HOUR]]);
  });

  it('bans by the prefix lengths of the jail', () => {
    const judge = judgeOf({ ipv4Prefix: 24, ipv6Prefix: 128 });
    expect(bansOf(judge.decide([hit('192.0.2.7'), hit('2001:db8:5::9'), hit('192.0.2.99')], clean))).toEqual([
      ['192.0.2.0/24', HOUR],
      ['2001:db8:5::9/128', HOUR],
    ]);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7/32', '192.0.2.0/24 narrowed to 192.0.2.7, it holds 192.0.2.200 (ignoreip)'],
    ['2001:db8:5::9', '2001:db8:5::9/128', '2001:db8:5::/64 narrowed to 2001:db8:5::9, it holds 2001:db8:5::1 (ignoreip)'],
    [
      '2001:db8:1::9',
      '2001:db8:1::9/128',
      "2001:db8:1::/64 narrowed to 2001:db8:1::9, it holds 2001:db8:1::1 (the machine's own address)",
    ],
  ])('narrows the ban of %s to %s, for its network holds an allowed address', (client, network, note) => {
    const judge = judgeOf({ ipv4Prefix: 24, ignoreip: ['192.0.2.200', '2001:db8:5::1'] });
    expect(judge.decide([hit(client)], clean)).toMatchObject([{ kind: 'ban', ban: { network }, note }]);
  });

  it('counts a narrowed client by itself', () => {
    const judge = judgeOf({ maxretry: 2, ignoreip: ['2001:db8:5::1'] });
    const hits = [hit('2001:db8:5::a'), hit('2001:db8:5::b'), hit('2001:db8:5::a')];
    expect(kinds(judge.decide(hits, clean))).toEqual(['watch', 'watch', 'ban']);
  });

  it('keeps jails apart', () => {
    const policies = [policy(), policy({ name: 'redirect', bantime: 2 * HOUR })];
    const judge = new Judge(policies, AllowList.load(policies, { addresses: () => [] }));
    const hits = [hit('192.0.2.7'), hit('192.0.2.7', NOON, { jail: 'redirect' })];
    expect(bansOf(judge.decide(hits, clean))).toEqual([
      ['192.0.2.7/32', HOUR],
      ['192.0.2.7/32', 2 * HOUR],
    ]);
  });

  it('asks for the past of the network that it would ban', () => {
    const asked: string[] = [];
    judgeOf().decide([hit('2001:db8:5::9'), hit('2001:db8:5::8'), hit('192.0.2.7')], (subjects) => {
      asked.push(...subjects.map(({ network, jail }) => `${jail} ${network}`));
      return clean(subjects);
    });
    expect(asked).toEqual(['spamtrap 2001:db8:5::/64', 'spamtrap 192.0.2.7/32']);
  });

  it('has counted no hit of a call in which the past could not be read', () => {
    const judge = judgeOf({ maxretry: 2 });
    const hits = [hit('192.0.2.7'), hit('192.0.2.8')];
    expect(() =>
      judge.decide(hits, () => {
        throw new Error('cannot be read');
      }),
    ).toThrow('cannot be read');
    expect(kinds(judge.decide(hits, clean))).toEqual(['watch', 'watch']);
  });

  it('counts bans from now when told so, and hits still in log time', () => {
    const now = NOON + 100 * DAY;
    const judge = judgeOf({ maxretry: 2 }, { fromNow: now });
    const hits = [0, 20, 21, 22].map((minute) => hit('192.0.2.7', NOON + minute * MINUTE));
    const verdicts = judge.decide(hits, clean);
    expect(kinds(verdicts)).toEqual(['watch', 'watch', 'ban', 'held']);
    expect(verdicts[2]).toMatchObject({ ban: { since: now, until: now + HOUR, offence: 1 } });
  });
});

describe('Judge.restore', () => {
  it('goes on counting where it was', () => {
    const judge = judgeOf({ maxretry: 3 });
    judge.restore([hit('192.0.2.7', NOON), hit('192.0.2.7', NOON + 1)]);
    expect(kinds(judge.decide([hit('192.0.2.7', NOON + 2)], clean))).toEqual(['ban']);
  });

  it('leaves out jails that are gone', () => {
    const judge = judgeOf({ maxretry: 2 });
    judge.restore([hit('192.0.2.7', NOON, { jail: 'gone' })]);
    expect(kinds(judge.decide([hit('192.0.2.7')], clean))).toEqual(['watch']);
  });
});
