import { describe, expect, it } from 'vitest';
import { Handover } from '../../src/sources/handover.ts';

describe('Handover', () => {
  it('lets a giver go on only when what it gave has been dealt with', async () => {
    const counter = new Handover<number>();
    const order: string[] = [];
    const giver = (async () => {
      for (const item of [1, 2, 3]) {
        await counter.give(item);
        order.push(`went on after ${item}`);
      }
    })();
    const stop = new AbortController();
    for await (const item of counter.take(stop.signal)) {
      order.push(`took ${item}`);
      if (item === 3) stop.abort();
    }
    await giver;
    expect(order).toEqual(['took 1', 'went on after 1', 'took 2', 'went on after 2', 'took 3', 'went on after 3']);
  });

  it('takes from several givers', async () => {
    const counter = new Handover<number>();
    void counter.give(1);
    void counter.give(2);
    const taken: number[] = [];
    const stop = new AbortController();
    for await (const item of counter.take(stop.signal)) {
      taken.push(item);
      if (taken.length === 2) stop.abort();
    }
    expect(taken).toEqual([1, 2]);
  });

  it('ends when the signal aborts while nothing is there, and lets givers go', async () => {
    const counter = new Handover<number>();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 10);
    for await (const item of counter.take(stop.signal)) expect(item).toBeUndefined();
    await expect(counter.give(1)).resolves.toBeUndefined();
  });

  it('throws what a giver failed with, after what was given before', async () => {
    const counter = new Handover<number>();
    void counter.give(1);
    counter.fail(new Error('broken'));
    const taken: number[] = [];
    await expect(async () => {
      for await (const item of counter.take(new AbortController().signal)) taken.push(item);
    }).rejects.toThrow('broken');
    expect(taken).toEqual([1]);
  });
});
