import { describe, expect, it } from 'vitest';
import { Handover } from '../../../src/sources/file/handover.ts';

describe('Handover', () => {
  it('resolves the promise of `give` only after the item has been processed', async () => {
    const queue = new Handover<number>();
    const order: string[] = [];
    const giver = (async () => {
      for (const item of [1, 2, 3]) {
        await queue.give(item);
        order.push(`went on after ${item}`);
      }
    })();
    const stop = new AbortController();
    for await (const item of queue.take(stop.signal)) {
      order.push(`took ${item}`);
      if (item === 3) stop.abort();
    }
    await giver;
    expect(order).toEqual(['took 1', 'went on after 1', 'took 2', 'went on after 2', 'took 3', 'went on after 3']);
  });

  it('resolves the promise of each `give` when the consumer throws', async () => {
    const queue = new Handover<number>();
    let released = 0;
    for (const item of [1, 2]) void queue.give(item).then(() => (released += 1));
    await expect(async () => {
      for await (const item of queue.take(new AbortController().signal)) throw new Error(`cannot use ${item}`);
    }).rejects.toThrow('cannot use 1');
    await new Promise((resolve) => void setImmediate(resolve));
    expect(released).toBe(2);
  });

  it('returns items of several producers', async () => {
    const queue = new Handover<number>();
    void queue.give(1);
    void queue.give(2);
    const taken: number[] = [];
    const stop = new AbortController();
    for await (const item of queue.take(stop.signal)) {
      taken.push(item);
      if (taken.length === 2) stop.abort();
    }
    expect(taken).toEqual([1, 2]);
  });

  it('ends when its signal aborts while it is empty, and later calls of `give` resolve at once', async () => {
    const queue = new Handover<number>();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 10);
    for await (const item of queue.take(stop.signal)) expect(item).toBeUndefined();
    await expect(queue.give(1)).resolves.toBeUndefined();
  });

  it('throws the error of a producer after the earlier items', async () => {
    const queue = new Handover<number>();
    void queue.give(1);
    queue.fail(new Error('broken'));
    const taken: number[] = [];
    await expect(async () => {
      for await (const item of queue.take(new AbortController().signal)) taken.push(item);
    }).rejects.toThrow('broken');
    expect(taken).toEqual([1]);
  });
});
