import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { waitAtMost } from '../../src/lib/patience.ts';

const never = new Promise<never>(() => {});

/** Work that ends after `millis` milliseconds of the fake timers. */
const after = (millis: number, thrown?: Error): Promise<string> =>
  new Promise((resolve, reject) => {
    setTimeout(() => (thrown ? reject(thrown) : resolve('done')), millis);
  });

describe('waitAtMost', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('resolves to the value of work that ends in time, and leaves no timer', async () => {
    expect(await waitAtMost(1000, Promise.resolve('done'), () => 'late')).toBe('done');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('resolves to the result of `late` when the work does not end in time', async () => {
    const waited = waitAtMost(1000, never, () => 'late');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await waited).toBe('late');
  });

  it.each([
    ['one millisecond before the limit', 999, 'done'],
    ['one millisecond after the limit', 1001, 'late'],
  ])('is exact to a millisecond for work that ends %s', async (_, millis, expected) => {
    const waited = waitAtMost(1000, after(millis), () => 'late');
    await vi.advanceTimersByTimeAsync(2000);
    expect(await waited).toBe(expected);
  });

  it('rejects with the error of `late`', async () => {
    const waited = waitAtMost(1000, never, () => {
      throw new Error('too late');
    });
    await Promise.all([expect(waited).rejects.toThrow('too late'), vi.advanceTimersByTimeAsync(1000)]);
  });

  it('rejects with the error of the work, and leaves no timer', async () => {
    await expect(waitAtMost(1000, Promise.reject(new Error('no')), () => 'late')).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ignores work that fails after the limit', async () => {
    const waited = waitAtMost(1000, after(2000, new Error('much later')), () => 'late');
    await vi.advanceTimersByTimeAsync(3000);
    expect(await waited).toBe('late');
  });
});
