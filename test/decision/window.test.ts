import { describe, expect, it } from 'vitest';
import { Window } from '../../src/decision/window.ts';
import { networkOf, type Network } from '../../src/lib/address.ts';
import { address, HOUR, MINUTE, network, NOON } from '../support/decision/words.ts';

const client = network('192.0.2.7');

/** Adds a hit at each of these minutes. Returns the count after each hit. */
function counts(window: Window, minutes: readonly number[]): number[] {
  return minutes.map((minute) => window.add(client, NOON + minute * MINUTE).count);
}

/** A network for each number `n`. */
const nth = (n: number): Network => networkOf(address(`10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`), 32);

describe('a `Window`, which counts the hits of each network within findtime', () => {
  it.each([
    ['hits within findtime', [0, 1, 2], [1, 2, 3]],
    ['hits further apart than findtime as single hits', [0, 20, 40], [1, 1, 1]],
    ['no hit that is exactly findtime earlier', [0, 10], [1, 1]],
    ['hits at one instant', [5, 5, 5], [1, 2, 3]],
    ['a late line by its date', [5, 0.4, 5.1], [1, 2, 3]],
    ['a very late line by itself', [60, 0, 61], [1, 1, 2]],
    ['hits after the clock was set back', [300, 300, 0, 1, 2], [1, 2, 1, 2, 3]],
    ['hits after the clock was set back and right again', [300, 300, 0, 1, 301], [1, 2, 1, 2, 3]],
    ['a late line by itself when it is exactly findtime before the other hits', [10, 10, 0], [1, 2, 1]],
    ['a late line together with the other hits when it is less than findtime before them', [10, 10, 0.1], [1, 2, 3]],
  ])('counts %s', (_, minutes, expected) => {
    expect(counts(new Window(3, 10 * MINUTE, 1000), minutes)).toEqual(expected);
  });

  it('has an equal final count and an equal newest hit for every order of the lines', () => {
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

  it('remembers at most twice as many hits of a network whose dates jump', () => {
    const window = new Window(3, 10 * MINUTE, 1000);
    counts(window, [300, 300, 0, 0, 600, 100, 900, 50, 900, 20]);
    expect(window.size).toBeLessThanOrEqual(4);
  });

  it('T11: counts three hits over three days as three single hits', () => {
    const days = [0, 1, 2].map((day) => day * 24 * 60);
    expect(counts(new Window(3, HOUR, 1000), days)).toEqual([1, 1, 1]);
  });

  it('counts hits of each network separately', () => {
    const window = new Window(2, HOUR, 1000);
    expect([nth(1), nth(2), nth(1)].map((each) => window.add(each, NOON).count)).toEqual([1, 1, 2]);
  });

  it('forgets a banned network', () => {
    const window = new Window(3, HOUR, 1000);
    counts(window, [0, 1]);
    window.clear(client);
    expect(counts(window, [2])).toEqual([1]);
  });

  it('needs no memory when one hit leads to a ban', () => {
    const window = new Window(1, HOUR, 1000);
    for (let n = 0; n < 100; n += 1) window.add(nth(n), NOON);
    expect(window.size).toBe(0);
  });

  it('remembers the newest hits of a network, at most one fewer than maxretry', () => {
    const window = new Window(3, HOUR, 1000);
    counts(window, [0, 1]);
    expect(window.size).toBe(2);
    expect(counts(window, [120, 240, 250, 260])).toEqual([1, 1, 2, 3]);
    expect(window.size).toBe(2);
  });

  it('frees the memory of a cleared network', () => {
    const window = new Window(3, HOUR, 1000);
    counts(window, [0, 1]);
    window.clear(client);
    expect(window.size).toBe(0);
  });

  // A `Window` keeps its hits in two generations. When the younger generation is full, it replaces the older generation.
  it('also forgets a banned network whose hits are in the older generation', () => {
    const window = new Window(2, HOUR, 4);
    for (const n of [1, 2, 3]) window.add(nth(n), NOON + n);
    window.clear(nth(1));
    expect(window.size).toBe(2);
    expect(window.add(nth(1), NOON + 4).count).toBe(1);
  });

  it('counts a late hit together with the largest number of hits within findtime around it', () => {
    expect(counts(new Window(4, 10 * MINUTE, 1000), [0, 4, 14.5, 5])).toEqual([1, 2, 1, 3]);
  });

  it('B10: never holds more hits than its limit for ten times as many addresses, and drops the oldest hits first', () => {
    const window = new Window(3, HOUR, 10_000);
    let largest = 0;
    for (let n = 0; n < 100_000; n += 1) {
      window.add(nth(n), NOON + n);
      largest = Math.max(largest, window.size);
    }
    expect(largest).toBe(10_000);
    expect(window.add(nth(99_999), NOON + 100_000).count).toBe(2);
    expect(window.add(nth(0), NOON + 100_000).count).toBe(1);
  });

  it('never holds more hits than its limit for many hits of few networks', () => {
    const window = new Window(100, HOUR, 1000);
    let largest = 0;
    for (let n = 0; n < 20_000; n += 1) {
      window.add(nth(n % 200), NOON + n);
      largest = Math.max(largest, window.size);
    }
    expect(largest).toBeLessThanOrEqual(1000);
  });

  it('drops the older generation when the younger generation holds half of the limit', () => {
    const window = new Window(2, HOUR, 4);
    const sizes = [1, 2, 3, 4, 5, 6, 7].map((n) => {
      window.add(nth(n), NOON + n);
      return window.size;
    });
    expect(sizes).toEqual([1, 2, 3, 4, 3, 4, 3]);
  });

  it('moves a network from the older to the younger generation at its next hit', () => {
    const window = new Window(3, HOUR, 8);
    for (const n of [1, 2, 3, 4, 5]) window.add(nth(n), NOON + n);
    expect(window.add(nth(1), NOON + 6).count).toBe(2);
    expect(window.size).toBe(6);
    for (const n of [6, 7]) window.add(nth(n), NOON + n);
    expect(window.add(nth(1), NOON + 8).count).toBe(3);
    expect(window.add(nth(2), NOON + 9).count).toBe(1);
  });

  it('drops hits that are older than findtime', () => {
    const window = new Window(3, HOUR, 1_000_000);
    for (let n = 0; n < 1000; n += 1) window.add(nth(n), NOON);
    window.add(client, NOON + HOUR);
    expect(window.size).toBe(1001);
    window.add(client, NOON + 2 * HOUR - 1);
    expect(window.size).toBe(1002);
    window.add(nth(5000), NOON + 2 * HOUR);
    expect(window.size).toBe(3);
  });
});
