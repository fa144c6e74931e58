import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../src/errors.ts';
import type { Address } from '../../src/lib/address.ts';
import { Pipeline, type PipelineDoors } from '../../src/walk/pipeline.ts';
import type { Batch, Hit, Source } from '../../src/words/walk.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');

const hitAt = (at: number): Hit => ({
  jail: 'spamtrap',
  rule: 'recipient',
  address: '203.0.113.7' as Address,
  at,
  key: '0',
  fields: {},
});

const batch = (text: string, cursor: string | undefined): Batch => ({
  source: 'file:/log',
  bytes: Buffer.from(text),
  at: NOW,
  cursor,
});

/** A source that returns these batches, and ends. */
const sourceOf = (...batches: Batch[]): Source => ({
  name: 'file:/log',
  async *read() {
    yield* batches;
  },
});

/** The functions (`PipelineDoors`) that a `Pipeline` calls. A batch with the word "hit" is one hit. The calls of `judge` are recorded. */
function recordingDoors(options: { unreadable?: () => boolean; full?: () => boolean } = {}) {
  const judged: { hits: readonly Hit[]; cursor: string | undefined }[] = [];
  const judge: PipelineDoors['court']['judge'] = (hits, cursor) => {
    if (options.unreadable?.()) throw new LedgerError('/var/lib/trapline/trapline.db: cannot be read');
    judged.push({ hits, cursor: cursor?.cursor });
    return { verdicts: [], bans: [], enforced: Promise.resolve() };
  };
  const doors: PipelineDoors = {
    match: ({ bytes }) => (bytes.includes('hit') ? [hitAt(NOW - 1000)] : []),
    court: { judge },
    full: options.full ?? (() => false),
  };
  return { doors, judged };
}

const pipelineOf = (source: Source, doors: PipelineDoors, clock = () => NOW): Pipeline => new Pipeline(source, doors, { clock });

const run = (pipeline: Pipeline, from?: string): Promise<void> => pipeline.run(from, new AbortController().signal);

describe('Pipeline', () => {
  it('passes the hits of a batch to `judge`, with the cursor of the batch', async () => {
    const { doors, judged } = recordingDoors();
    await run(pipelineOf(sourceOf(batch('a hit\n', 'c1')), doors));
    expect(judged).toEqual([{ hits: [hitAt(NOW - 1000)], cursor: 'c1' }]);
  });

  it('records the first cursor of a source at once', async () => {
    const { doors, judged } = recordingDoors();
    const seen: unknown[] = [];
    const source: Source = {
      name: 'file:/log',
      async *read() {
        yield batch('', 'c1');
        seen.push(...judged);
        yield batch('nothing\n', 'c2');
      },
    };
    await run(pipelineOf(source, doors));
    expect(seen).toEqual([{ hits: [], cursor: 'c1' }]);
  });

  it('records the cursor of lines without a hit only once, at the end', async () => {
    const { doors, judged } = recordingDoors();
    await run(pipelineOf(sourceOf(batch('nothing\n', 'c1'), batch('nothing\n', 'c2')), doors), 'c0');
    expect(judged).toEqual([{ hits: [], cursor: 'c2' }]);
  });

  it('records the cursor of lines without a hit five seconds after the last record, and not before', async () => {
    const times = [0, 4_999, 5_000, 5_000, 9_999].map((after) => NOW + after);
    const clock = (): number => times.shift() ?? NOW + 9_999;
    const { doors, judged } = recordingDoors();
    const lines = ['c1', 'c2', 'c3'].map((cursor) => batch('nothing\n', cursor));
    // The clock shows 0 ms at the start, 4,999 ms at batch 1, 5,000 ms at batch 2 and at its record, and 9,999 ms at batch 3.
    await run(pipelineOf(sourceOf(...lines), doors, clock), 'c0');
    expect(judged.map(({ cursor }) => cursor)).toEqual(['c2', 'c3']);
  });

  it('records the hits of a batch without a cursor with the cursor of the batch before', async () => {
    const { doors, judged } = recordingDoors();
    await run(pipelineOf(sourceOf(batch('nothing\n', 'c1'), batch('nothing\n', 'c2'), batch('a hit\n', undefined)), doors));
    expect(judged.at(-1)).toEqual({ hits: [hitAt(NOW - 1000)], cursor: 'c2' });
  });

  it('records the latest cursor of each key, and records hits with the cursor of their batch', async () => {
    const records: [number, string | undefined, string | undefined][] = [];
    const { doors } = recordingDoors();
    const judge: PipelineDoors['court']['judge'] = (hits, cursor) => {
      records.push([hits.length, cursor?.source, cursor?.cursor]);
      return doors.court.judge(hits, cursor);
    };
    const changes = (text: string, cursor: string): Batch => ({ ...batch(text, cursor), cursorKey: 'changes' });
    const batches = [changes('nothing\n', 'c1'), batch('nothing\n', 'a1'), changes('nothing\n', 'c2'), changes('a hit\n', 'c3')];
    await run(pipelineOf(sourceOf(...batches, changes('nothing\n', 'c4')), { ...doors, court: { judge } }), 'a0');
    expect(records).toEqual([
      [0, 'file:/log', 'a1'],
      [1, 'changes', 'c3'],
      [0, 'changes', 'c4'],
    ]);
  });

  it('stops reading while too many hits wait to be written, and makes the ledger try the write again', async () => {
    let full = false;
    const { doors, judged } = recordingDoors({ full: () => full });
    const counts: number[] = [];
    const source: Source = {
      name: 'file:/log',
      async *read() {
        full = true;
        yield batch('a hit\n', 'c1');
        counts.push(judged.length);
        yield batch('a hit\n', 'c2');
      },
    };
    const judge: PipelineDoors['court']['judge'] = (hits, cursor) => {
      if (hits.length === 0) full = false;
      return doors.court.judge(hits, cursor);
    };
    await run(pipelineOf(source, { ...doors, court: { judge } }));
    expect(counts).toEqual([2]);
    expect(judged.map(({ cursor }) => cursor)).toEqual(['c1', undefined, 'c2']);
  });

  it('records no cursor after a batch that the ledger cannot record, only the cursor of the batch before', async () => {
    let unreadable = false;
    const { doors, judged } = recordingDoors({ unreadable: () => unreadable });
    const source: Source = {
      name: 'file:/log',
      async *read() {
        yield batch('nothing\n', 'c1');
        yield batch('nothing\n', 'c2');
        unreadable = true;
        yield batch('a hit\n', 'c3');
      },
    };
    const judge: PipelineDoors['court']['judge'] = (hits, cursor) => {
      if (hits.length === 0) unreadable = false;
      return doors.court.judge(hits, cursor);
    };
    await expect(run(pipelineOf(source, { ...doors, court: { judge } }))).rejects.toThrow('cannot be read');
    expect(judged).toEqual([
      { hits: [], cursor: 'c1' },
      { hits: [], cursor: 'c2' },
    ]);
  });

  it('ends when a batch causes an unexpected error, and records the cursor of the batch before', async () => {
    const { doors, judged } = recordingDoors();
    const judge: PipelineDoors['court']['judge'] = (hits, cursor) => {
      if (hits.length > 0) throw new TypeError('a bug');
      return doors.court.judge(hits, cursor);
    };
    const source = sourceOf(batch('nothing\n', 'c0'), batch('a hit\n', 'c1'));
    await expect(run(pipelineOf(source, { ...doors, court: { judge } }))).rejects.toThrow('a bug');
    expect(judged.map(({ cursor }) => cursor)).toEqual(['c0']);
  });
});
