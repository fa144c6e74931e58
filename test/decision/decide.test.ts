import { describe, expect, it } from 'vitest';
import { AllowList, Judge, type JailPolicy, type JudgeOptions } from '../../src/decision/decide.ts';
import { HAND_JAIL, type Verdict } from '../../src/words/walk.ts';
import { ban, clean, DAY, hit, HOUR, known, MINUTE, network as networkIn, NOON, policy } from '../support/decision/words.ts';

function judgeOf(rest: Partial<JailPolicy> = {}, options: JudgeOptions = {}): Judge {
  const policies = [policy(rest)];
  return new Judge(policies, AllowList.load(policies, { addresses: () => ['198.51.100.1', '2001:db8:1::1'] }), options);
}

const kinds = (verdicts: readonly Verdict[]): string[] => verdicts.map((verdict) => verdict.kind);

/** The network and the length in milliseconds of each ban among the verdicts. */
const bansOf = (verdicts: readonly Verdict[]): unknown[] =>
  verdicts.flatMap((verdict) => {
    if (verdict.kind !== 'ban') return [];
    const { network, since, until } = verdict.ban;
    return [[network, until === null ? null : until - since]];
  });

describe('Judge.decide', () => {
  it('bans a new client at its first hit, from the time of the hit', () => {
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

  it('spares an allowed client, and names the entry', () => {
    const [verdict] = judgeOf({ ignoreip: ['192.0.2.0/24'] }).decide([hit('192.0.2.7')], clean);
    expect(verdict).toMatchObject({ kind: 'spare', because: '192.0.2.0/24 (ignoreip)' });
  });

  it.each(['127.0.0.1', '::1', 'fe80::9', '198.51.100.1', '2001:db8:1::1'])('A02: spares %s', (client) => {
    expect(kinds(judgeOf().decide([hit(client)], clean))).toEqual(['spare']);
  });

  it('spares a hit for a jail that does not exist', () => {
    expect(judgeOf().decide([hit('192.0.2.7', NOON, { jail: 'gone' })], clean)).toMatchObject([
      { kind: 'spare', because: 'its jail is not configured' },
    ]);
  });

  it('decides "watch" until maxretry is reached within findtime', () => {
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

  it('T11: decides no ban for three hits over three days, in one batch or in three batches', () => {
    const hits = [0, 1, 2].map((day) => hit('192.0.2.7', NOON + day * DAY));
    const rest = { maxretry: 3, findtime: HOUR };
    expect(kinds(judgeOf(rest).decide(hits, clean))).toEqual(['watch', 'watch', 'watch']);
    const judge = judgeOf(rest);
    expect(hits.flatMap((each) => kinds(judge.decide([each], clean)))).toEqual(['watch', 'watch', 'watch']);
  });

  it('decides "held" for more hits of a network that was banned in the same call', () => {
    const hits = [0, 1, 59, 60].map((minute) => hit('192.0.2.7', NOON + minute * MINUTE));
    const verdicts = judgeOf().decide(hits, clean);
    expect(kinds(verdicts)).toEqual(['ban', 'held', 'held', 'ban']);
    expect(verdicts[1]).toMatchObject({ until: NOON + HOUR });
    expect(verdicts[3]).toMatchObject({ ban: { offence: 2, until: NOON + HOUR + 2 * HOUR } });
  });

  it('begins a new count after a ban', () => {
    const judge = judgeOf({ maxretry: 2, findtime: 3 * HOUR });
    const hits = [0, 1, 62, 63].map((minute) => hit('192.0.2.7', NOON + minute * MINUTE));
    expect(kinds(judge.decide(hits, clean))).toEqual(['watch', 'ban', 'watch', 'ban']);
  });

  it.each([
    [{ bannedUntil: NOON + 1 }, 'held'],
    [{ bannedUntil: null }, 'held'],
    [{ bannedUntil: NOON }, 'ban'],
    [{ bannedUntil: NOON - 1, lastOffence: NOON - HOUR, offences: 1 }, 'ban'],
  ])('decides for a network with the earlier bans %j: %s', (past, kind) => {
    expect(kinds(judgeOf().decide([hit('192.0.2.7')], known(past)))).toEqual([kind]);
  });

  it('B06: makes each ban longer than the previous ban, up to a limit, and forgets offences after a time without hits', () => {
    const increment = { factor: 16, max: DAY, forget: 30 * DAY };
    const hits = Array.from({ length: 10 }, (_, n) => hit('192.0.2.7', NOON + n * 2 * DAY));
    const later = hit('192.0.2.7', NOON + 50 * DAY);
    const lengths = bansOf(judgeOf({ increment }).decide([...hits, later], clean)).map((each) => (each as unknown[])[1]);
    expect(lengths).toEqual([HOUR, 16 * HOUR, ...Array.from({ length: 8 }, () => DAY), HOUR]);
  });

  it('bans for ever if bantime is forever', () => {
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
    ['192.0.2.7', '192.0.2.7/32', '192.0.2.0/24 narrowed to 192.0.2.7, because it holds 192.0.2.200 (ignoreip)'],
    ['2001:db8:5::9', '2001:db8:5::9/128', '2001:db8:5::/64 narrowed to 2001:db8:5::9, because it holds 2001:db8:5::1 (ignoreip)'],
    [
      '2001:db8:1::9',
      '2001:db8:1::9/128',
      "2001:db8:1::/64 narrowed to 2001:db8:1::9, because it holds 2001:db8:1::1 (the machine's own address)",
    ],
  ])('narrows the ban of %s to %s when the network of the client contains an allowed address', (client, network, note) => {
    const judge = judgeOf({ ipv4Prefix: 24, ignoreip: ['192.0.2.200', '2001:db8:5::1'] });
    expect(judge.decide([hit(client)], clean)).toMatchObject([{ kind: 'ban', ban: { network }, note }]);
  });

  it('counts hits of a narrowed client separately', () => {
    const judge = judgeOf({ maxretry: 2, ignoreip: ['2001:db8:5::1'] });
    const hits = [hit('2001:db8:5::a'), hit('2001:db8:5::b'), hit('2001:db8:5::a')];
    expect(kinds(judge.decide(hits, clean))).toEqual(['watch', 'watch', 'ban']);
  });

  it('divides the limit of hits in memory among the jails with a maxretry above 1', () => {
    const hits = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.1'].map((client) => hit(client));
    const last = [1, 2].map((maxretry) => {
      const policies = [policy({ maxretry: 2 }), policy({ name: 'other', maxretry })];
      const judge = new Judge(policies, AllowList.load(policies, { addresses: () => [] }), { windowLimit: 4 });
      return kinds(judge.decide(hits, clean)).at(-1);
    });
    expect(last).toEqual(['ban', 'watch']);
  });

  it('counts hits of each jail separately', () => {
    const policies = [policy(), policy({ name: 'redirect', bantime: 2 * HOUR })];
    const judge = new Judge(policies, AllowList.load(policies, { addresses: () => [] }));
    const hits = [hit('192.0.2.7'), hit('192.0.2.7', NOON, { jail: 'redirect' })];
    expect(bansOf(judge.decide(hits, clean))).toEqual([
      ['192.0.2.7/32', HOUR],
      ['192.0.2.7/32', 2 * HOUR],
    ]);
  });

  it('requests the earlier bans of each network that it would ban', () => {
    const asked: string[] = [];
    judgeOf().decide([hit('2001:db8:5::9'), hit('2001:db8:5::8'), hit('192.0.2.7')], (subjects) => {
      asked.push(...subjects.map(({ network, jail }) => `${jail} ${network}`));
      return clean(subjects);
    });
    expect(asked).toEqual(['spamtrap 2001:db8:5::/64', 'spamtrap 192.0.2.7/32']);
  });

  it('does not count the hits of a call in which the earlier bans could not be read', () => {
    const judge = judgeOf({ maxretry: 2 });
    const hits = [hit('192.0.2.7'), hit('192.0.2.8')];
    expect(() =>
      judge.decide(hits, () => {
        throw new Error('cannot be read');
      }),
    ).toThrow('cannot be read');
    expect(kinds(judge.decide(hits, clean))).toEqual(['watch', 'watch']);
  });

  it('begins bans at `fromNow`, and counts hits by the times of the hits', () => {
    const now = NOON + 100 * DAY;
    const judge = judgeOf({ maxretry: 2 }, { fromNow: now });
    const hits = [0, 20, 21, 22].map((minute) => hit('192.0.2.7', NOON + minute * MINUTE));
    const verdicts = judge.decide(hits, clean);
    expect(kinds(verdicts)).toEqual(['watch', 'watch', 'ban', 'held']);
    expect(verdicts[2]).toMatchObject({ ban: { since: now, until: now + HOUR, offence: 1 } });
  });
});

describe('Judge.takeBack', () => {
  it('removes the hits of the last call from the counts, so that these hits can be decided again and count once', () => {
    const judge = judgeOf({ maxretry: 3 });
    const [first, second, third, fourth] = [0, 1, 2, 3].map((minute) => hit('192.0.2.7', NOON + minute * MINUTE));
    if (!first || !second || !third || !fourth) throw new Error('four hits were made');
    judge.decide([hit('192.0.2.8')], clean);
    judge.takeBack();
    expect(judge.decide([hit('192.0.2.8')], clean)).toMatchObject([{ kind: 'watch', count: 1 }]);
    judge.decide([first, second], clean);
    expect(kinds(judge.decide([third, fourth], clean))).toEqual(['ban', 'held']);
    judge.takeBack();
    judge.takeBack();
    expect(kinds(judge.decide([third], clean))).toEqual(['ban']);
  });
});

describe('Judge.restore', () => {
  it('counts the restored hits towards a ban', () => {
    const judge = judgeOf({ maxretry: 3 });
    judge.restore([hit('192.0.2.7', NOON), hit('192.0.2.7', NOON + 1)]);
    expect(kinds(judge.decide([hit('192.0.2.7', NOON + 2)], clean))).toEqual(['ban']);
  });

  it('counts hits of one IPv6 network together', () => {
    const judge = judgeOf({ maxretry: 2 });
    judge.restore([hit('2001:db8:5::a')]);
    expect(kinds(judge.decide([hit('2001:db8:5::b')], clean))).toEqual(['ban']);
  });

  it('ignores hits of removed jails', () => {
    const judge = judgeOf({ maxretry: 2 });
    judge.restore([hit('192.0.2.7', NOON, { jail: 'gone' })]);
    expect(kinds(judge.decide([hit('192.0.2.7')], clean))).toEqual(['watch']);
  });
});

describe('a client behind a translator', () => {
  const prefix = networkIn('2001:db8:64::/96');

  const behind = (rest: Partial<JailPolicy> = {}, own: readonly string[] = []): Judge => {
    const policies = [policy(rest)];
    return new Judge(policies, AllowList.load(policies, { addresses: () => own, nat64: [prefix] }));
  };

  it.each([
    ['N021: the well-known prefix', '64:ff9b::c000:207', '64:ff9b::c000:207/128', '192.0.2.7 behind the translator 64:ff9b::/96'],
    [
      'local use',
      '64:ff9b:1:fffe::c000:208',
      '64:ff9b:1:fffe::c000:208/128',
      '192.0.2.8 behind the translator 64:ff9b:1:fffe::/96',
    ],
    ['configured', '2001:db8:64::c000:207', '2001:db8:64::c000:207/128', '192.0.2.7 behind the translator 2001:db8:64::/96'],
    ['an unknown layout', '64:ff9b:1:c000:2:700::', '64:ff9b:1:c000:2:700::/128', undefined],
    ['Teredo', '2001:0:cb00:7101:8000:63bf:34ff:8ef8', '2001:0:cb00:7101:8000:63bf:34ff:8ef8/128', undefined],
    ['6to4', '2002:c000:207:1::1', '2002:c000:207:1::/64', undefined],
    ['ISATAP', '2001:db8:1:2:0:5efe:c000:207', '2001:db8:1:2::/64', undefined],
    ['a neighbour of the configured prefix', '2001:db8:64:0:1::1', '2001:db8:64:0:1::1/128', expect.stringContaining('narrowed')],
  ])('is banned without the other clients of the translator or tunnel: %s', (_title, client, banned, note) => {
    const [verdict] = behind().decide([hit(client)], clean);
    expect(verdict).toMatchObject({ kind: 'ban', ban: { network: banned } });
    expect(verdict?.kind === 'ban' ? verdict.note : '').toEqual(note);
  });

  it('is banned with the IPv4 prefix length of its jail, and in 6to4 together with at most its site', () => {
    const judge = behind({ ipv4Prefix: 24, ipv6Prefix: 16 });
    const verdicts = judge.decide([hit('64:ff9b::c000:207'), hit('2002:c000:207:1::1')], clean);
    expect(bansOf(verdicts)).toEqual([
      ['64:ff9b::c000:200/120', HOUR],
      ['2002:c000:207::/48', HOUR],
    ]);
  });

  it('is counted by its IPv4 address, whichever translator it comes through', () => {
    const judge = behind({ maxretry: 3 });
    const clients = ['64:ff9b::c000:207', '64:ff9b::c000:208', '192.0.2.7', '2001:db8:64::c000:207'];
    const verdicts = judge.decide(
      clients.map((client) => hit(client)),
      clean,
    );
    expect(kinds(verdicts)).toEqual(['watch', 'watch', 'watch', 'ban']);
    expect(bansOf(verdicts)).toEqual([['2001:db8:64::c000:207/128', HOUR]]);
  });

  it('is counted by its IPv4 address after a restart, and is not counted twice after a failed write', () => {
    const judge = behind({ maxretry: 3 });
    judge.restore([hit('64:ff9b::c000:207')]);
    expect(judge.decide([hit('192.0.2.7'), hit('64:ff9b::c000:207')], clean)).toMatchObject([{ count: 2 }, { kind: 'ban' }]);
    judge.takeBack();
    expect(judge.decide([hit('64:ff9b::c000:207')], clean)).toMatchObject([{ kind: 'watch', count: 2 }]);
  });

  it.each([
    ['192.0.2.7 is allowed', { ignoreip: ['192.0.2.7'] }, '192.0.2.7 (ignoreip)'],
    ['its own address is allowed', { ignoreip: ['64:ff9b::c000:207'] }, '64:ff9b::c000:207 (ignoreip)'],
    ['192.0.2.7 is an own address', {}, "192.0.2.7 (the machine's own address)"],
  ])('is spared when %s', (_title, rest, because) => {
    const judge = behind(rest, 'ignoreip' in rest ? [] : ['192.0.2.7']);
    expect(judge.decide([hit('64:ff9b::c000:207')], clean)).toMatchObject([{ kind: 'spare', because }]);
    expect(kinds(judge.decide([hit('64:ff9b::c000:208')], clean))).toEqual(['ban']);
  });

  it('is banned alone when the IPv4 network that would be banned contains an allowed address', () => {
    const [verdict] = behind({ ipv4Prefix: 24, ignoreip: ['192.0.2.99'] }).decide([hit('64:ff9b::c000:207')], clean);
    expect(verdict).toMatchObject({
      ban: { network: '64:ff9b::c000:207/128' },
      note: expect.stringContaining('192.0.2.99') as unknown,
    });
  });

  it('is unbanned when a ban of an earlier release covers all clients behind the translator', () => {
    const wide = ['64:ff9b::/64', '64:ff9b:1:fffe::/64', '2001:db8:64::/64', '2001:0:cb00:7101::/64', '2002::/32'];
    const right = ['64:ff9b::c000:207', '2001:0:cb00:7101:8000:63bf:34ff:8ef8', '2002:c000:207:1::/64', '2001:db8:1::/64'];
    const list = AllowList.load([policy()], { addresses: () => [], nat64: [prefix] });
    expect(list.lifted([...wide, ...right].map((text) => ban(text))).map((each) => each.ban.network)).toEqual(wide);
    const byHand = ban('2001:0:cb00:7101::/64', NOON, { jail: HAND_JAIL, origin: 'hand' });
    expect(list.lifted([byHand])).toEqual([]);
  });
});
