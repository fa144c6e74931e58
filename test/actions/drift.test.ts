import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { driftOf, Lookout, mustRenew, type Drift } from '../../src/actions/drift.ts';
import type { Entry, Sample } from '../../src/types.ts';
import { RecordingAction } from '../support/actions-recording.ts';
import { network } from '../support/actions-words.ts';

const NOW = 1_000_000;
const banned = (text: string, until: number | null): { network: ReturnType<typeof network>; until: number | null } => ({
  network: network(text),
  until,
});
const ENTRIES = [banned('192.0.2.1', NOW + 60_000), banned('192.0.2.2', null), banned('2001:db8::/64', NOW + 60_000)];
const clock = (): number => NOW;

/** What is found when the firewall holds these. */
async function found(entries: readonly Entry[], held: readonly string[], waiting: readonly string[] = []): Promise<unknown> {
  const action = new RecordingAction();
  for (const text of held) action.held.set(network(text), null);
  const waits = new Set(waiting.map(network));
  const { missing, extra } = await driftOf(action, () => entries, { clock, waits: (one) => waits.has(one) });
  return { missing, extra };
}

describe('driftOf', () => {
  it('is none when the firewall holds what it should', async () => {
    expect(await found(ENTRIES, ['192.0.2.1', '192.0.2.2', '2001:db8::/64'])).toEqual({ missing: 0, extra: 0 });
  });

  it('is what is missing and what is too much', async () => {
    expect(await found(ENTRIES, ['192.0.2.1', '192.0.2.3', '192.0.2.4'])).toEqual({ missing: 2, extra: 2 });
  });

  it('is not what ends just now', async () => {
    expect(await found([banned('192.0.2.1', NOW + 1500)], [])).toEqual({ missing: 0, extra: 0 });
  });

  it('is not what waits to be set or lifted', async () => {
    expect(await found(ENTRIES, ['192.0.2.9'], ['192.0.2.1', '192.0.2.9'])).toEqual({ missing: 2, extra: 0 });
  });

  describe('of more bans than are to be listed', () => {
    const action = new RecordingAction('large', { listable: 2 });
    const asked: number[] = [];
    const wanted = (most: number): Sample => {
      asked.push(most);
      return { sample: [...ENTRIES, banned('192.0.2.8', NOW + 1000)], count: 100 };
    };
    const look = (waiting: readonly string[] = []): Promise<Drift> =>
      driftOf(action, wanted, { clock, waits: (one) => waiting.map(network).includes(one) });

    it('is looked for in a sample, without those that end just now, and the rules are made afresh', async () => {
      for (const { network: one, until } of ENTRIES) action.held.set(one, until);
      expect(await look()).toMatchObject({ missing: 0, extra: 0 });
      expect(asked).toEqual([2]);
      expect(action.calls).toEqual(['holds 192.0.2.1/32 192.0.2.2/32 2001:db8::/64', 'open']);
    });

    it('is told when one of the sample is not there', async () => {
      action.held.delete(network('192.0.2.2'));
      expect(await look()).toEqual({ missing: 1, extra: 0, text: 'of 3 bans looked for not all were there' });
      expect(await look(['192.0.2.2'])).toMatchObject({ missing: 0 });
    });
  });
});

describe('mustRenew', () => {
  const far = [banned('192.0.2.1', NOW + 10_000)];
  it.each([
    ['no horizon', {}, NOW + 5000, false],
    ['set lately', { horizon: 4000 }, NOW + 1000, false],
    ['set long ago', { horizon: 4000 }, NOW + 3000, true],
    ['the clock was set back', { horizon: 4000 }, NOW - 3000, true],
    ['within the horizon', { horizon: 20_000 }, NOW + 15_000, false],
  ])('%s', (_, action, now, expected) => {
    expect(mustRenew(action, () => far, NOW, now)).toBe(expected);
  });
});

describe('a lookout', () => {
  let looks: number[];
  let lookout: Lookout;
  beforeEach(() => {
    vi.useFakeTimers();
    looks = [];
    const start = performance.now();
    lookout = new Lookout(() => looks.push(Math.round(performance.now() - start)));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('looks a moment after a change was heard, once for many', () => {
    lookout.heard(false);
    vi.advanceTimersByTime(20);
    lookout.heard(false);
    vi.advanceTimersByTime(5000);
    expect(looks).toEqual([50]);
  });

  it('looks once a second at most while changes go on', () => {
    for (let time = 0; time < 3000; time += 10) {
      lookout.heard(false);
      vi.advanceTimersByTime(10);
    }
    expect(looks).toEqual([50, 1050, 2050]);
  });

  it('takes its time over what may be our own, unless a change of somebody else is heard meanwhile', () => {
    lookout.heard(true);
    vi.advanceTimersByTime(10_000);
    lookout.heard(true);
    vi.advanceTimersByTime(1000);
    lookout.heard(false);
    vi.advanceTimersByTime(10_000);
    expect(looks).toEqual([5000, 11_050]);
  });

  it('looks no more when it is stopped', () => {
    lookout.heard(false);
    lookout.stop();
    lookout.heard(false);
    vi.advanceTimersByTime(10_000);
    expect(looks).toEqual([]);
  });
});
