import { describe, expect, it } from 'vitest';
import { allOf, deviationOf, driftBetween, mustRenew, type Deviation } from '../../src/actions/drift.ts';
import type { Network } from '../../src/lib/address.ts';
import type { Entry, Sample } from '../../src/words/firewall.ts';
import { RecordingAction } from '../support/actions/recording.ts';
import { network } from '../support/actions/words.ts';

const NOW = 1_000_000;
const banned = (text: string, until: number | null): { network: ReturnType<typeof network>; until: number | null } => ({
  network: network(text),
  until,
});
const ENTRIES = [banned('192.0.2.1', NOW + 60_000), banned('192.0.2.2', null), banned('2001:db8::/64', NOW + 60_000)];
const clock = (): number => NOW;

const networks = (texts: readonly string[]): readonly Network[] => texts.map((text) => network(text));

/** The deviation of a firewall that should hold `entries` but holds `held`. `waiting` are the networks that wait to be set or lifted. */
async function deviation(entries: readonly Entry[], held: readonly string[], waiting: readonly string[] = []): Promise<unknown> {
  const action = new RecordingAction();
  for (const text of held) action.held.set(network(text), null);
  const waits = new Set(networks(waiting));
  const found = await deviationOf(action, () => entries, { clock, waits: (one) => waits.has(one) });
  return [found?.count, found?.text];
}

const none = [0, '0 bans were missing and 0 were too many'];

describe('allOf', () => {
  it('returns the whole list, however long it is', () => {
    expect(allOf((most) => (most === Infinity ? ENTRIES : { sample: [], count: 3 }))).toEqual(ENTRIES);
  });
});

describe('driftBetween', () => {
  it('returns exactly the missing entries with their ends, and the extra networks', () => {
    const ending = banned('192.0.2.5', NOW);
    expect(driftBetween([...ENTRIES, ending], networks(['192.0.2.2', '192.0.2.3', '192.0.2.4']))).toEqual({
      kind: 'listed',
      missing: [ENTRIES[0], ENTRIES[2], ending],
      extra: networks(['192.0.2.3', '192.0.2.4']),
    });
  });
});

describe('deviationOf', () => {
  it('finds no deviation when the firewall holds all wanted bans and no other bans', async () => {
    expect(await deviation(ENTRIES, ['192.0.2.1', '192.0.2.2', '2001:db8::/64'])).toEqual(none);
  });

  it('counts missing bans and extra networks', async () => {
    const text = '2 bans were missing and 2 were too many';
    expect(await deviation(ENTRIES, ['192.0.2.1', '192.0.2.3', '192.0.2.4'])).toEqual([4, text]);
  });

  it('leaves out bans that end within two seconds', async () => {
    expect(await deviation([banned('192.0.2.1', NOW + 2000)], [])).toEqual(none);
    expect(await deviation([banned('192.0.2.1', NOW + 2001)], [])).toEqual([1, '1 bans were missing and 0 were too many']);
  });

  it('leaves out networks that wait to be set or lifted', async () => {
    const text = '2 bans were missing and 0 were too many';
    expect(await deviation(ENTRIES, ['192.0.2.9'], ['192.0.2.1', '192.0.2.9'])).toEqual([2, text]);
  });

  it('leaves out bans that the action does not cover', async () => {
    const action = Object.assign(new RecordingAction(), { covers: (one: string) => !one.includes(':') });
    const found = await deviationOf(action, () => ENTRIES, { clock, waits: () => false });
    expect(found?.count).toBe(2);
  });

  it('returns undefined for a firewall that cannot be listed', async () => {
    const action = Object.assign(new RecordingAction(), { check: async () => ({ kind: 'unknown' as const }) });
    expect(await deviationOf(action, () => ENTRIES, { clock, waits: () => false })).toBeUndefined();
  });

  describe('for more bans than the action can list', () => {
    const action = new RecordingAction('large', { listable: 2 });
    const asked: number[] = [];
    const wanted = (most: number): Sample => {
      asked.push(most);
      return { sample: [...ENTRIES, banned('192.0.2.8', NOW + 1000)], count: 100 };
    };
    const look = (waiting: readonly string[] = []): Promise<Deviation | undefined> =>
      deviationOf(action, wanted, { clock, waits: (one) => networks(waiting).includes(one) });

    it('looks up a sample without bans that are about to end, and opens the action again', async () => {
      for (const { network: one, until } of ENTRIES) action.held.set(one, until);
      expect(await look()).toMatchObject({ count: 0 });
      expect(asked).toEqual([2]);
      expect(action.calls).toEqual(['look up 192.0.2.1/32 192.0.2.2/32 2001:db8::/64', 'open']);
    });

    it('reports a deviation when a ban of the sample is missing', async () => {
      action.held.delete(network('192.0.2.2'));
      expect(await look()).toEqual({ count: 1, text: 'of 3 bans in a sample, some were missing', extra: [] });
      expect(await look(['192.0.2.2'])).toMatchObject({ count: 0 });
    });
  });
});

describe('mustRenew, which decides whether bans that were cut to the longest ban time of an action must be set again', () => {
  const far = [banned('192.0.2.1', NOW + 10_000)];
  it.each([
    ['returns false when the action has no longest ban time', {}, NOW + 5000, false],
    ['returns false before half of the longest ban time has passed since the bans were set', { horizon: 4000 }, NOW + 1999, false],
    ['returns true once half of the longest ban time has passed since the bans were set', { horizon: 4000 }, NOW + 2000, true],
    ['returns false for a ban of exactly the longest ban time', { horizon: 10_000 }, NOW + 5000, false],
    ['returns true for a ban just above the longest ban time', { horizon: 9999 }, NOW + 5000, true],
    ['returns true after the clock was set back', { horizon: 4000 }, NOW - 3000, true],
    ['returns false for a ban below the longest ban time', { horizon: 20_000 }, NOW + 15_000, false],
  ])('%s', (_, action, now, expected) => {
    expect(mustRenew(action, () => far, NOW, now)).toBe(expected);
  });

  it('returns true when one of several bans is above the longest ban time', () => {
    const entries = [banned('192.0.2.1', NOW + 1000), ...far, banned('192.0.2.3', NOW + 1000)];
    expect(mustRenew({ horizon: 4000 }, () => entries, NOW, NOW + 2000)).toBe(true);
  });
});
