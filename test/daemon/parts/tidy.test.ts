import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { House } from '../../../src/daemon/house.ts';
import { tidyPart } from '../../../src/daemon/parts/tidy.ts';

const calls: string[] = [];
let slices: number;
let undo: () => unknown;

beforeEach(async () => {
  calls.length = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const ledger = {
    purge: () => calls.push('purge'),
    fill: () => {
      calls.push('fill');
      slices -= 1;
      return slices > 0;
    },
    evict: () => (calls.push('evict'), []),
  };
  const log = { debug() {}, info() {}, notice() {}, warn() {}, error() {} };
  undo = await tidyPart.start({ ledger, log, court: {} } as unknown as House & Parameters<typeof tidyPart.start>[0]);
});
afterEach(() => {
  undo();
  vi.useRealTimers();
});

/** Lets the event loop run several slices. */
async function breathe(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('the part of the daemon that purges old rows, fills new tables and evicts bans above the limit', () => {
  it('purges and evicts every five seconds, but not at the start', () => {
    slices = 0;
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(5_000);
    expect(calls).toEqual(['purge', 'fill', 'evict']);
  });

  it('fills one slice after another until none is left, with other work in between', async () => {
    slices = 4;
    vi.advanceTimersByTime(5_000);
    expect(calls).toEqual(['purge', 'fill', 'evict']);
    await breathe();
    expect(calls).toEqual(['purge', 'fill', 'evict', 'fill', 'fill', 'fill']);
  });

  it('does not start a second fill while one is running', async () => {
    slices = 4;
    vi.advanceTimersByTime(10_000);
    await breathe();
    expect(calls.filter((call) => call === 'fill')).toHaveLength(4);
    vi.advanceTimersByTime(5_000);
    expect(calls.filter((call) => call === 'fill')).toHaveLength(5);
  });
});
