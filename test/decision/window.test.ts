import { describe, expect, it } from 'vitest';
import { Window } from '../../src/decision/window.ts';
import { networkOf, type Network } from '../../src/lib/address.ts';
import { address, HOUR, MINUTE, network, NOON } from '../support/decision-words.ts';

const client = network('192.0.2.7');

/** The counts that a series of hits, in minutes, comes to. */
function counts(window: Window, minutes: readonly number[]): number[] {
  return minutes.map((minute) => window.add(client, NOON + minute * MINUTE).count);
}

/** The n-th of as many networks as one likes. */
const nth = (n: number): Network => networkOf(address(`10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`), 32);

describe('Window', () => {
  it.each([
    ['hits within findtime', [0, 1, 2], [1, 2, 3]],
    ['hits that are apart', [0, 20, 40], [1, 1, 1]],
    ['a hit exactly findtime ago as over', [0, 10], [1, 1]],
    ['hits at the same instant', [5, 5, 5], [1, 2, 3]],
    ['a late line by its own date', [5, 0.4, 5.1], [1, 2, 3]],
    ['a very late line alone', [60, 0, 61], [1, 1, 2]],
  ])('counts %s', (_, minutes, expected) => {
    expect(counts(new Window(3, 10 * MINUTE, 1000), minutes)).toEqual(expected);
  });

  it('comes to the same full count and the same newest hit in whatever order the lines come', () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    for (const order of orders) {
      const window = new Window(3, 10 * MINUTE, 1000);
      const last = order.map((minute) => window.add(client, NOON + minute * MINUTE)).at(-1);
      expect(last).toEqual({ count: 3, newest: NOON + 2 * MINUTE });
    }
  });

  it('T11: three hits over three days are three single hits', () => {
    const days = [0, 1, 2].map((day) => day * 24 * 60);
    expect(counts(new Window(3, HOUR, 1000), days)).toEqual([1, 1, 1]);
  });

  it('keeps networks apart', () => {
    const window = new Window(2, HOUR, 1000);
    expect([nth(1), nth(2), nth(1)].map((each) => window.add(each, NOON).count)).toEqual([1, 1, 2]);
  });

  it('forgets a network that is banned', () => {
    const window = new Window(3, HOUR, 1000);
    counts(window, [0, 1]);
    window.clear(client);
    expect(counts(window, [2])).toEqual([1]);
  });

  it('needs no memory when one hit is enough', () => {
    const window = new Window(1, HOUR, 1000);
    for (let n = 0; n < 100; n += 1) window.add(nth(n), NOON);
    expect(window.size).toBe(0);
  });

  it('B10: a million distinct addresses stay below the limit, the oldest go first', () => {
    const window = new Window(3, HOUR, 100_000);
    for (let n = 0; n < 1_000_000; n += 1) window.add(nth(n), NOON + n);
    expect(window.size).toBeLessThanOrEqual(100_000);
    expect(window.add(nth(999_999), NOON + 1_000_000).count).toBe(2);
    expect(window.add(nth(0), NOON + 1_000_000).count).toBe(1);
  });

  it('counts many hits of few networks against the same limit', () => {
    const window = new Window(1000, HOUR, 10_000);
    for (let n = 0; n < 200_000; n += 1) window.add(nth(n % 200), NOON + n);
    expect(window.size).toBeLessThanOrEqual(10_000);
  });

  it('lets go of what is older than findtime', () => {
    const window = new Window(3, HOUR, 1_000_000);
    for (let n = 0; n < 1000; n += 1) window.add(nth(n), NOON);
    window.add(client, NOON + HOUR);
    expect(window.size).toBe(1001);
    window.add(client, NOON + 2 * HOUR);
    expect(window.size).toBe(2);
  });
});
