import { describe, expect, it } from 'vitest';
import { merged, type Stream } from '../../../src/cli/backfill/merge.ts';
import type { Address } from '../../../src/lib/address.ts';
import type { Hit } from '../../../src/words/walk.ts';

const hit = (key: string, at: number): Hit => ({ jail: 'a', rule: 'r', address: '203.0.113.7' as Address, at, key, fields: {} });

/** A log with hits at these times, in groups. `events` gets the moments at which it is opened and closed. */
function log(
  name: string,
  start: number,
  groups: readonly (readonly number[])[],
  events: string[] = [],
  last: boolean[] = [],
): Stream {
  return {
    start,
    async *hits(isLast) {
      events.push(`open ${name}`);
      try {
        for (const group of groups) {
          last.push(isLast());
          yield group.map((at) => hit(name, at));
        }
      } finally {
        events.push(`close ${name}`);
      }
    },
  };
}

async function order(...streams: readonly Stream[]): Promise<string> {
  const hits: Hit[] = [];
  for await (const group of merged(streams)) hits.push(...group);
  return hits.map(({ key, at }) => `${key}${at}`).join(' ');
}

describe('the hits of several logs', () => {
  it('are ordered by time', async () => {
    expect(await order(log('a', 0, [[1, 4], [9]]), log('b', 2, [[2, 3, 5, 10]]), log('c', 6, [[6], [], [7, 8]]))).toBe(
      'a1 b2 b3 a4 b5 c6 c7 c8 a9 b10',
    );
  });

  it('keep the order of their own log when its dates go back', async () => {
    expect(await order(log('a', 0, [[5, 3, 6]]), log('b', 0, [[4, 7]]))).toBe('b4 a5 a3 a6 b7');
  });

  it('of rotated logs are read one log after the other', async () => {
    const events: string[] = [];
    const last: boolean[] = [];
    await order(log('a', 0, [[1, 2], [3]], events, last), log('b', 4, [[4]], events, last), log('c', 5, [[5]], events, last));
    expect(events).toEqual(['open a', 'close a', 'open b', 'close b', 'open c', 'close c']);
    expect(last).toEqual([false, false, false, true]);
  });

  it('of a log without hits are an empty list', async () => {
    expect(await order(log('a', 0, []), log('b', 1, [[]]), log('c', 9, [[9]]))).toBe('c9');
    expect(await order()).toBe('');
  });

  it('come in groups, and every open log is closed when the caller stops', async () => {
    const events: string[] = [];
    const times = Array.from({ length: 2500 }, (_, at) => at);
    for await (const group of merged([log('a', 0, [times, times], events), log('b', 1, [[3, 9999]], events)])) {
      expect(group.length).toBeGreaterThanOrEqual(2000);
      break;
    }
    expect(events.toSorted()).toEqual(['close a', 'close b', 'open a', 'open b']);
  });

  it('before a failure of a log are lost, and the failure is passed on', async () => {
    const failing: Stream = {
      start: 0,
      // oxlint-disable-next-line require-yield
      async *hits() {
        throw new Error('broken');
      },
    };
    await expect(order(log('a', 0, [[1]]), failing)).rejects.toThrow('broken');
  });
});
