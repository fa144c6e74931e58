import { describe, expect, it } from 'vitest';
import { Reading } from '../../../src/cli/backfill/reading.ts';
import { Progress } from '../../../src/cli/terminal/progress.ts';
import { DamagedError } from '../../../src/errors.ts';
import type { Address } from '../../../src/lib/address.ts';
import type { Batch, Hit } from '../../../src/words/walk.ts';

const hit = (key: string): Hit => ({ jail: 'a', rule: 'r', address: '203.0.113.7' as Address, at: Number(key), key, fields: {} });

async function* matchAll(batches: AsyncIterable<Batch>): AsyncGenerator<readonly Hit[]> {
  for await (const { bytes } of batches) yield /^\d+\n$/.test(bytes.toString()) ? [hit(bytes.toString().trim())] : [];
}

/** A reading of logs whose lines are the times of their hits; other lines are no hits, and the line `stop` interrupts the reading. `damaged`: the files that are damaged at their end. */
function readingOf(logs: Readonly<Record<string, readonly string[]>>, damaged: readonly string[] = []): Reading {
  const stop = new AbortController();
  const files = Object.entries(logs).map(([file, lines]) => ({
    file,
    start: Number(lines[0] ?? 0),
    source: {
      name: file,
      async *read(_: unknown, signal: AbortSignal) {
        for (const line of lines) {
          if (signal.aborted) return;
          if (line === 'stop') stop.abort();
          yield { source: file, bytes: Buffer.from(`${line}\n`), at: 0, cursor: undefined };
        }
        if (damaged.includes(file)) throw new DamagedError(`${file}: is damaged`);
      },
    },
  }));
  return new Reading(files, {
    matchAll,
    wanted: ({ at }) => at < 100,
    progress: new Progress(undefined, undefined),
    signal: stop.signal,
    names: ['postfix', 'mx'],
  });
}

async function keys(reading: Reading): Promise<string> {
  const all: string[] = [];
  for await (const hits of reading.hits()) all.push(...hits.map(({ key }) => key));
  return all.join(' ');
}

describe('the reading of a backfill', () => {
  it('gives the hits of all files by time, each message once, and counts those that are not wanted', async () => {
    const reading = readingOf({ one: ['1', '4', '200'], two: ['2', '4', '5', '300'] });
    expect(await keys(reading)).toBe('1 2 4 5');
    expect(reading.outside).toBe(2);
  });

  it('uses the hits before the damage of a file, and all other files', async () => {
    const reading = readingOf({ one: ['1', '4'], two: ['2'], three: [] }, ['one', 'three']);
    expect(await keys(reading)).toBe('1 2 4');
    expect(reading.damages.map(({ message }) => message).toSorted()).toEqual(['one: is damaged', 'three: is damaged']);
  });

  it('ends when it is interrupted, and leaves out the hits that were not given out', async () => {
    const reading = readingOf({ one: ['1', '2', 'stop', '3'] });
    expect(await keys(reading)).toBe('');
  });

  it('C6: names the files in which no line has a name of Postfix', async () => {
    const reading = readingOf({ one: ['x', 'a postfix/smtpd'], two: ['x', 'y'], three: ['mx/smtpd'] });
    await keys(reading);
    expect(reading.foreign).toEqual(['two']);
  });
});
