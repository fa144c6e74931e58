import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Position, Step } from '../../../src/sources/follow/progress.ts';
import { cursorOfMissingLog } from '../../../src/sources/follow/place.ts';
import { ReadLoop } from '../../../src/sources/follow/readloop.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

const KIB = 1024;

/** A chain with one endless file. Each chunk that is read counts as one line. */
class FakeChain {
  readonly taken: number[] = [];
  readonly calls: string[] = [];
  atLog = true;
  more = false;
  lines = true;
  fault: Error | undefined;
  #fd = 0;

  constructor() {
    const path = join(temporaryFolder(), 'mail.log');
    writeFileSync(path, Buffer.alloc(4096 * KIB, 'x'));
    this.#fd = openSync(path, 'r');
    onTestFinished(() => closeSync(this.#fd));
  }

  position(): Position | undefined {
    if (this.fault) throw this.fault;
    return { fd: this.#fd, offset: 0 };
  }

  take(chunk: Buffer): Step {
    this.taken.push(chunk.length);
    return { more: this.more, lines: this.lines ? { bytes: Buffer.from('line\n'), cursor: cursorOfMissingLog(0) } : undefined };
  }

  drop(): void {
    this.calls.push('drop');
  }

  close(): void {
    this.calls.push('close');
  }
}

let chain: FakeChain;
let loop: ReadLoop;
/** A function for each pending delivery, which resolves its promise. The first function belongs to the oldest delivery. */
let deliveries: (() => void)[];
let delivered: number;
let faults: [kind: string, thrown: unknown][];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
  chain = new FakeChain();
  deliveries = [];
  delivered = 0;
  faults = [];
  loop = new ReadLoop(chain, {
    deliver: () => {
      delivered += 1;
      return new Promise((resolve) => void deliveries.push(resolve));
    },
    unreadable: (thrown) => void faults.push(['unreadable', thrown]),
    fail: (thrown) => void faults.push(['fail', thrown]),
  });
});

afterEach(() => vi.useRealTimers());

/** Resolves the oldest delivery after `took` milliseconds, and runs the work that follows. */
async function dealt(took = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(took);
  deliveries.shift()?.();
  await vi.advanceTimersByTimeAsync(0);
}

describe('the read loop', () => {
  it('reads when it is called, and delivers the lines', () => {
    loop.read();
    expect(chain.taken).toEqual([64 * KIB]);
    expect(delivered).toBe(1);
    expect(loop.delivering).toBe(true);
  });

  it('stops at the end until it is called again', async () => {
    loop.read();
    await dealt();
    await vi.advanceTimersByTimeAsync(1000);
    expect(chain.taken).toHaveLength(1);
    expect(loop.delivering).toBe(false);
    loop.read();
    expect(chain.taken).toHaveLength(2);
  });

  it('continues while more can be read, after each delivery', async () => {
    chain.more = true;
    loop.read();
    await vi.advanceTimersByTimeAsync(1000);
    expect(chain.taken).toHaveLength(1);
    chain.more = false;
    await dealt();
    expect(chain.taken).toHaveLength(2);
    await dealt();
    await vi.advanceTimersByTimeAsync(1000);
    expect(chain.taken).toHaveLength(2);
  });

  it('continues at once when a chunk contained no complete line', async () => {
    chain.more = true;
    chain.lines = false;
    loop.read();
    expect(delivered).toBe(0);
    await vi.advanceTimersToNextTimerAsync();
    expect(chain.taken).toHaveLength(2);
  });

  it('reads only once more after several calls during a delivery', async () => {
    loop.read();
    loop.read();
    loop.read();
    expect(chain.taken).toHaveLength(1);
    await dealt();
    await vi.advanceTimersByTimeAsync(5);
    expect(chain.taken).toHaveLength(2);
    await dealt();
    await vi.advanceTimersByTimeAsync(1000);
    expect(chain.taken).toHaveLength(2);
  });

  it('reads again without a pause when the log was renamed during a delivery', async () => {
    loop.read();
    loop.read();
    chain.atLog = false;
    await dealt();
    expect(chain.taken).toHaveLength(2);
    await dealt();
    await vi.advanceTimersByTimeAsync(1000);
    expect(chain.taken).toHaveLength(2);
  });

  it('reads at `readSoon` in the next turn of the event loop, but not within five milliseconds of the last read', async () => {
    loop.readSoon();
    loop.readSoon();
    expect(chain.taken).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(chain.taken).toHaveLength(1);
    await dealt();
    loop.readSoon();
    loop.readSoon();
    await vi.advanceTimersByTimeAsync(4);
    expect(chain.taken).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(chain.taken).toHaveLength(2);
    await dealt();
    await vi.advanceTimersByTimeAsync(5);
    loop.readSoon();
    await vi.advanceTimersByTimeAsync(0);
    expect(chain.taken).toHaveLength(3);
  });

  it('reads larger chunks while chunks are full and take less than 100 milliseconds', async () => {
    chain.more = true;
    loop.read();
    for (const took of [25, 800, 0, 0]) await dealt(took);
    expect(chain.taken.map((bytes) => bytes / KIB)).toEqual([64, 256, 64, 1024, 1024]);
  });
});

describe('a read that fails', () => {
  it('with an error of the system closes the file, and the next call tries again', () => {
    chain.fault = Object.assign(new Error('i/o error'), { code: 'EIO' });
    loop.read();
    expect(faults).toEqual([['unreadable', chain.fault]]);
    expect(chain.calls).toEqual(['drop']);
    chain.fault = undefined;
    loop.read();
    expect(chain.taken).toHaveLength(1);
  });

  it('with an unexpected error ends the loop', () => {
    chain.fault = new TypeError('a bug');
    loop.read();
    expect(faults).toEqual([['fail', chain.fault]]);
    expect(chain.calls).toEqual(['close']);
    chain.fault = undefined;
    loop.read();
    expect(chain.taken).toEqual([]);
  });

  it('because the chain throws ends the loop', async () => {
    const fault = new Error('a bug');
    chain.take = () => {
      throw fault;
    };
    loop.read();
    await vi.advanceTimersByTimeAsync(0);
    expect(faults).toEqual([['fail', fault]]);
    expect(chain.calls).toEqual(['close']);
  });
});

describe('a stopped loop', () => {
  it('closes the files at once when no delivery is pending', () => {
    loop.stop();
    expect(chain.calls).toEqual(['close']);
  });

  it('closes the files only after the pending delivery, and delivers nothing more', async () => {
    chain.more = true;
    loop.read();
    loop.stop();
    expect(chain.calls).toEqual([]);
    await dealt();
    expect(chain.calls).toEqual(['close']);
    await vi.advanceTimersByTimeAsync(1000);
    loop.read();
    expect(delivered).toBe(1);
  });

  it('does not run a read that was already scheduled', async () => {
    loop.read();
    await dealt();
    loop.readSoon();
    loop.stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(chain.taken).toHaveLength(1);
  });
});
