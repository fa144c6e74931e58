import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InOrder } from '../../../src/daemon/rooms/inorder.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Pieces of work that write their name, and promises that the test resolves. */
function pieces() {
  const order = new InOrder();
  const done: string[] = [];
  return { order, done, take: (name: string, after?: Promise<void>) => order.take(after, () => void done.push(name)) };
}

describe('work in order', () => {
  it('runs at once when nothing waits', () => {
    const { done, take } = pieces();
    take('one');
    expect(done).toEqual(['one']);
  });

  it('runs after its promise, and after all earlier work', async () => {
    const { done, take } = pieces();
    take('one', new Promise((resolve) => setTimeout(resolve, 500)));
    take('two', Promise.reject(new Error('refused')));
    take('three');
    await vi.advanceTimersByTimeAsync(499);
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toEqual(['one', 'two', 'three']);
  });

  it('runs after a second although its promise never settles', async () => {
    const { done, take } = pieces();
    take('one', new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(999);
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toEqual(['one']);
  });

  it('runs once, at a flush, while its promise is pending', async () => {
    const { order, done, take } = pieces();
    take('one', new Promise((resolve) => setTimeout(resolve, 500)));
    order.flush();
    await vi.advanceTimersByTimeAsync(2000);
    expect(done).toEqual(['one']);
  });
});
