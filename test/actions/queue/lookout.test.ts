import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lookout } from '../../../src/actions/queue/lookout.ts';

describe('a `Lookout`, which decides when a changed firewall is compared with the ledger', () => {
  let compared: number[];
  let lookout: Lookout;
  beforeEach(() => {
    vi.useFakeTimers();
    compared = [];
    const start = performance.now();
    lookout = new Lookout(() => compared.push(Math.round(performance.now() - start)));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A call of the firewall by Trapline, which takes a second. */
  const call = (): void => {
    lookout.began();
    vi.advanceTimersByTime(1000);
    lookout.ended();
  };

  it('starts a comparison 50 ms after a change, and only one comparison for many changes', () => {
    lookout.heard();
    vi.advanceTimersByTime(20);
    lookout.heard();
    vi.advanceTimersByTime(5000);
    expect(compared).toEqual([50]);
  });

  it('starts at most one comparison a second while changes continue', () => {
    for (let time = 0; time < 3000; time += 10) {
      lookout.heard();
      vi.advanceTimersByTime(10);
    }
    expect(compared).toEqual([50, 1050, 2050]);
  });

  it('delays the comparison by 5 s for a change during a call of Trapline', () => {
    lookout.began();
    lookout.heard();
    vi.advanceTimersByTime(4999);
    expect(compared).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(compared).toEqual([5000]);
  });

  it.each([
    ['delays the comparison by 5 s for a change within 200 ms after a call of Trapline', 199, 5000],
    ['does not delay the comparison for a change 200 ms after a call of Trapline', 200, 50],
  ])('%s', (_what, after, delay) => {
    call();
    vi.advanceTimersByTime(after);
    lookout.heard();
    vi.advanceTimersByTime(10_000);
    expect(compared).toEqual([1000 + after + delay]);
  });

  it('ends the delay when another program makes a change during the delay', () => {
    call();
    lookout.heard();
    vi.advanceTimersByTime(1000);
    lookout.heard();
    vi.advanceTimersByTime(10_000);
    expect(compared).toEqual([2050]);
  });

  it('starts no comparison after it is stopped', () => {
    lookout.heard();
    lookout.stop();
    lookout.heard();
    vi.advanceTimersByTime(10_000);
    expect(compared).toEqual([]);
  });
});
