import { describe, expect, it } from 'vitest';
import { Guard } from '../../../src/filters/rules/guard.ts';

/** A match that would take years. */
const endless = (): boolean => /^(a+)+$/.test(`${'a'.repeat(60)}!`);

describe('a `Guard`, which runs work under a time limit', () => {
  const guard = new Guard();

  it('returns the result of the work, also when that is undefined', () => {
    expect(guard.run(10_000, () => 7)).toEqual({ value: 7 });
    expect(guard.run(10_000, () => undefined)).toEqual({ value: undefined });
  });

  it('interrupts an endless match, and then runs other work', () => {
    expect(guard.run(5, endless)).toBeUndefined();
    expect(guard.run(10_000, () => 'next')).toEqual({ value: 'next' });
  });

  it('rounds its limit up, so that a limit below a millisecond is valid', () => {
    expect(guard.run(0.01, endless)).toBeUndefined();
  });

  it('rethrows the error of the work', () => {
    const bug = new Error('bug');
    expect(() =>
      guard.run(10_000, () => {
        throw bug;
      }),
    ).toThrow(bug);
    expect(() =>
      guard.measure(10_000, () => {
        throw bug;
      }),
    ).toThrow(bug);
  });

  it('measures the processor time of the work', () => {
    const { value, used } = guard.measure(10_000, () => 'done');
    expect(value).toBe('done');
    expect(used).toBeGreaterThanOrEqual(0);
    expect(used).toBeLessThan(10_000);
  });

  it('stops the work when it has used its processor time', () => {
    const { value, used } = guard.measure(5, endless);
    expect(value).toBeUndefined();
    expect(used).toBeGreaterThanOrEqual(5 * 0.9);
  });

  it('restarts work that was interrupted before it used its processor time, each time with four times the limit', () => {
    const limits: number[] = [];
    const busy = new Guard();
    // This stands for a machine on which the work never gets processor time.
    busy.run = (millis) => {
      limits.push(millis);
      return undefined;
    };
    expect(busy.measure(1_000_000, () => 'never').value).toBeUndefined();
    expect(limits).toEqual([1e6, 4e6, 16e6, 64e6]);
  });
});
