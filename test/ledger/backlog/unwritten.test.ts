import { beforeEach, describe, expect, it } from 'vitest';
import { moved, UnwrittenBans } from '../../../src/ledger/backlog/unwritten.ts';
import type { Entry } from '../../../src/words/firewall.ts';
import type { Millis } from '../../../src/words/ports.ts';
import type { Ban } from '../../../src/words/walk.ts';
import { ban, HOUR, MINUTE, network, NOON } from '../../support/decision/words.ts';

const CLIENT = network('192.0.2.7/32');
const NONE: ReadonlySet<string> = new Set();

let bans: UnwrittenBans;

beforeEach(() => {
  bans = new UnwrittenBans();
});

const until = (end: Millis | null, rest: Partial<Ban> = {}): Ban => ban('192.0.2.7', NOON, { until: end, ...rest });
const networksOf = (list: readonly Ban[]): string[] => list.map((each) => each.network);
const entry = (end: Millis | null): Entry => ({ network: CLIENT, until: end });
const merged = (entries: readonly Entry[], rest: { only?: ReadonlySet<typeof CLIENT>; without?: ReadonlySet<string> } = {}) =>
  bans.mergeEntries(entries, { now: NOON, without: NONE, ...rest });

describe('UnwrittenBans.mergeEntries', () => {
  it.each<[string, Millis | null, Millis | null, Millis | null]>([
    ['the end in memory if the end in memory is later', NOON + 2 * HOUR, NOON + HOUR, NOON + 2 * HOUR],
    ['the end in the file if the end in the file is later', NOON + HOUR, NOON + 2 * HOUR, NOON + 2 * HOUR],
    ['no end if the ban in memory has none', null, NOON + HOUR, null],
    ['no end if the ban in the file has none', NOON + HOUR, null, null],
  ])('returns %s', (_what, here, inFile, expected) => {
    bans.set(until(here));
    expect(merged([entry(inFile)])).toEqual([entry(expected)]);
  });

  it('returns the latest end of several jails in memory, whatever the order of the bans', () => {
    bans.set(until(NOON + HOUR));
    bans.set(until(NOON + 3 * HOUR, { jail: 'redirect' }));
    bans.set(until(NOON + 2 * HOUR, { jail: 'manual' }));
    expect(merged([])).toEqual([entry(NOON + 3 * HOUR)]);
  });

  it('leaves out the bans of jails that an action does not serve', () => {
    bans.set(until(NOON + HOUR));
    bans.set(until(NOON + 3 * HOUR, { jail: 'redirect' }));
    expect(merged([], { without: new Set(['redirect']) })).toEqual([entry(NOON + HOUR)]);
  });

  it('leaves out networks that the caller did not request', () => {
    bans.set(until(NOON + HOUR));
    expect(merged([], { only: new Set([network('192.0.2.8/32')]) })).toEqual([]);
    expect(merged([], { only: new Set([CLIENT]) })).toEqual([entry(NOON + HOUR)]);
  });

  it('leaves out a ban at and after its end', () => {
    bans.set(until(NOON));
    bans.set(until(NOON + 1, { network: network('192.0.2.8/32') }));
    expect(merged([]).map((each) => each.network)).toEqual(['192.0.2.8/32']);
  });

  it('returns the entries of the file unchanged when no ban is in memory', () => {
    const entries = [entry(NOON + HOUR)];
    expect(merged(entries)).toBe(entries);
  });
});

describe('UnwrittenBans.merge', () => {
  it('replaces a ban of the file only by a ban in memory with the same network and jail', () => {
    const inFile = [until(NOON + HOUR), until(NOON + HOUR, { jail: 'redirect' })];
    bans.set(until(NOON + 2 * HOUR));
    expect(bans.merge(inFile, undefined, NOON)).toEqual([inFile[1], until(NOON + 2 * HOUR)]);
  });

  it('adds the bans in memory that are inside a network and in force', () => {
    for (const client of ['192.0.2.1', '192.0.2.200', '192.0.3.1']) bans.set(ban(client));
    bans.set(ban('192.0.2.2', NOON, { until: NOON }));
    expect(networksOf(bans.merge([], network('192.0.2.0/24'), NOON))).toEqual(['192.0.2.1/32', '192.0.2.200/32']);
  });

  it('returns the bans of the file unchanged when no ban in memory is inside the network', () => {
    bans.set(ban('192.0.3.1'));
    const inFile = [until(NOON + HOUR)];
    expect(bans.merge(inFile, network('192.0.2.0/24'), NOON)).toBe(inFile);
  });
});

describe('UnwrittenBans.expire and nextEnd', () => {
  it('report the end of a ban once, not before its time, and the ban still counts as an offence', () => {
    bans.set(until(NOON + HOUR, { offence: 2 }));
    expect(bans.nextEnd()).toBe(NOON + HOUR);
    expect(bans.expire(NOON + HOUR - 1)).toEqual([]);
    expect(networksOf(bans.expire(NOON + HOUR))).toEqual([CLIENT]);
    expect(bans.expire(NOON + HOUR)).toEqual([]);
    expect([bans.nextEnd(), bans.list(), bans.size]).toEqual([undefined, [], 1]);
    expect(bans.past({ network: CLIENT, jail: 'spamtrap' })).toEqual({ bannedUntil: NOON + HOUR, lastOffence: NOON, offences: 2 });
  });

  it('report the earliest of all ends as the next, and no end for a ban for ever', () => {
    bans.set(until(null, { jail: 'manual' }));
    expect(bans.nextEnd()).toBeUndefined();
    bans.set(until(NOON + 2 * HOUR));
    bans.set(until(NOON + HOUR, { jail: 'redirect' }));
    expect(bans.nextEnd()).toBe(NOON + HOUR);
  });

  it('report a new end when the ban has been set again', () => {
    bans.set(until(NOON + MINUTE));
    bans.expire(NOON + MINUTE);
    bans.set(until(NOON + HOUR));
    expect(bans.expire(NOON + HOUR)).toHaveLength(1);
  });
});

describe('UnwrittenBans.written', () => {
  it('removes the written bans from memory, except each ban that has ended without a report of its end', () => {
    bans.set(until(NOON + HOUR, { jail: 'in force' }));
    bans.set(until(NOON - 1, { jail: 'reported' }));
    bans.expire(NOON - 1);
    bans.set(until(NOON, { jail: 'not reported' }));
    bans.written(NOON);
    expect(bans.list().map(({ jail }) => jail)).toEqual(['not reported']);
    expect([bans.size, networksOf(bans.expire(NOON))]).toEqual([1, [CLIENT]]);
    bans.written(NOON);
    expect(bans.size).toBe(0);
  });
});

describe('UnwrittenBans.past', () => {
  it('returns the history of one network in one jail', () => {
    bans.set(until(null, { offence: 3 }));
    expect(bans.past({ network: CLIENT, jail: 'spamtrap' })).toEqual({ bannedUntil: null, lastOffence: NOON, offences: 3 });
    expect(bans.past({ network: CLIENT, jail: 'redirect' })).toBeUndefined();
    expect(bans.past({ network: network('192.0.2.8/32'), jail: 'spamtrap' })).toBeUndefined();
    expect(bans.past(undefined)).toBeUndefined();
  });
});

describe('a step of the clock', () => {
  it('moves only ends that are later than the given instant', () => {
    const move = { kind: 'ends', by: -HOUR, after: NOON } as const;
    expect(moved(until(NOON + 1), move).until).toBe(NOON + 1 - HOUR);
    expect(moved(until(NOON), move).until).toBe(NOON);
    expect(moved(until(null), move).until).toBeNull();
  });

  it('moves as a whole only bans that began at a given instant or later', () => {
    const move = { kind: 'whole', by: -HOUR, from: NOON } as const;
    expect(moved(until(NOON + MINUTE, { since: NOON }), move)).toMatchObject({ since: NOON - HOUR, until: NOON + MINUTE - HOUR });
    expect(moved(until(null, { since: NOON }), move)).toMatchObject({ since: NOON - HOUR, until: null });
    expect(moved(until(NOON + MINUTE, { since: NOON - 1 }), move)).toMatchObject({ since: NOON - 1, until: NOON + MINUTE });
  });

  it('moves the ends of all bans in memory, and no end is reported a second time', () => {
    bans.set(until(NOON + MINUTE));
    bans.set(until(NOON + HOUR, { jail: 'redirect' }));
    bans.expire(NOON + MINUTE);
    bans.move({ kind: 'ends', by: -HOUR, after: NOON - HOUR });
    expect(bans.past({ network: CLIENT, jail: 'spamtrap' })?.bannedUntil).toBe(NOON + MINUTE - HOUR);
    expect(networksOf(bans.expire(NOON))).toEqual([CLIENT]);
    expect(bans.expire(NOON)).toEqual([]);
  });

  it('moves `reportedUntil`, the instant up to which ends in the file were reported, if it is set', () => {
    const ends = { kind: 'ends', by: -HOUR, after: NOON } as const;
    bans.movedInFile([ends]);
    expect(bans.reportedUntil).toBeUndefined();
    bans.reportedUntil = NOON;
    bans.movedInFile([ends, { kind: 'whole', by: -HOUR, from: NOON }]);
    expect(bans.reportedUntil).toBe(NOON - HOUR);
  });
});
