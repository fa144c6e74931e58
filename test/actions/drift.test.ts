import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { differences, Lookout, mustRenew } from '../../src/actions/drift.ts';
import { network } from '../support/actions-words.ts';

const NOW = 1_000_000;
const banned = (text: string, until: number | null): { network: ReturnType<typeof network>; until: number | null } => ({
  network: network(text),
  until,
});
const ENTRIES = [banned('192.0.2.1', NOW + 60_000), banned('192.0.2.2', null), banned('2001:db8::/64', NOW + 60_000)];
const nothingWaits = { now: NOW, waits: () => false };

describe('differences', () => {
  it('are none when the firewall holds what it should', () => {
    const held = new Set(ENTRIES.map((entry) => entry.network));
    expect(differences(ENTRIES, held, nothingWaits)).toEqual({ missing: 0, extra: 0 });
  });

  it('are what is missing and what is too much', () => {
    const held = new Set(['192.0.2.1', '192.0.2.3', '192.0.2.4'].map(network));
    expect(differences(ENTRIES, held, nothingWaits)).toEqual({ missing: 2, extra: 2 });
  });

  it('are not what ends just now', () => {
    expect(differences([banned('192.0.2.1', NOW + 1500)], new Set(), nothingWaits)).toEqual({ missing: 0, extra: 0 });
  });

  it('are not what waits to be set or lifted', () => {
    const waiting = new Set(['192.0.2.1', '192.0.2.9'].map(network));
    const options = { now: NOW, waits: (one: ReturnType<typeof network>) => waiting.has(one) };
    expect(differences(ENTRIES, new Set(['192.0.2.9'].map(network)), options)).toEqual({ missing: 2, extra: 0 });
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
    expect(mustRenew(action, far, NOW, now)).toBe(expected);
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
