import { describe, expect, it } from 'vitest';
import { LedgerError } from '../src/errors.ts';
import type { Address, Network } from '../src/lib/address.ts';
import { Pipeline, type Doors } from '../src/pipeline.ts';
import type { Ban, Batch, Hit, Source, Verdict } from '../src/types.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');

const hitAt = (at: number): Hit => ({
  jail: 'spamtrap',
  rule: 'recipient',
  address: '203.0.113.7' as Address,
  at,
  key: '0',
  fields: {},
});

const banOf = (hit: Hit): Ban => ({
  network: `${hit.address}/32` as Network,
  jail: hit.jail,
  since: hit.at,
  until: hit.at + 3_600_000,
  offence: 1,
  origin: 'log',
  reason: hit.rule,
});

const batch = (text: string, cursor: string | undefined): Batch => ({
  source: 'file:/log',
  bytes: Buffer.from(text),
  at: NOW,
  cursor,
});

/** A source that hands over these batches and ends. */
const sourceOf = (...batches: Batch[]): Source => ({
  name: 'file:/log',
  async *read() {
    yield* batches;
  },
});

/** Doors that take every line with "hit" for a hit, ban at once, and write down what passes through them. */
function recordingDoors(options: { at?: number; unreadable?: () => boolean; full?: () => boolean } = {}) {
  const passed: { recorded: { verdicts: readonly Verdict[]; cursor: string | undefined }[]; enforced: Ban[]; reported: Verdict[] } =
    {
      recorded: [],
      enforced: [],
      reported: [],
    };
  const doors: Doors = {
    match: ({ bytes }) => (bytes.includes('hit') ? [hitAt(options.at ?? NOW - 1000)] : []),
    decide: (hits) => hits.map((hit) => ({ kind: 'ban', hit, ban: banOf(hit) })),
    past: (asked) => asked.map(() => ({ bannedUntil: undefined, lastOffence: undefined, offences: 0 })),
    record: (verdicts, cursor) => {
      if (options.unreadable?.()) throw new LedgerError('/var/lib/trapline/trapline.db: cannot be read');
      passed.recorded.push({ verdicts, cursor: cursor?.cursor });
      return verdicts.flatMap((verdict) => (verdict.kind === 'ban' ? [verdict.ban] : []));
    },
    full: options.full ?? (() => false),
    enforce: (bans) => passed.enforced.push(...bans),
    report: (verdicts) => passed.reported.push(...verdicts),
  };
  return { doors, passed };
}

const pipelineOf = (source: Source, doors: Doors, clock = () => NOW): Pipeline => new Pipeline(source, () => doors, { clock });

const run = (pipeline: Pipeline, from?: string): Promise<void> => pipeline.run(from, new AbortController().signal);

describe('Pipeline', () => {
  it('takes a hit through all rooms, with the cursor of its batch in the same record', async () => {
    const { doors, passed } = recordingDoors();
    await run(pipelineOf(sourceOf(batch('a hit\n', 'c1')), doors));
    expect(passed.recorded).toEqual([{ verdicts: [expect.objectContaining({ kind: 'ban' })], cursor: 'c1' }]);
    expect(passed.enforced.map((ban) => ban.network)).toEqual(['203.0.113.7/32']);
    expect(passed.reported).toHaveLength(1);
  });

  it('writes the very first cursor of a source at once', async () => {
    const { doors, passed } = recordingDoors();
    const seen: unknown[] = [];
    const source: Source = {
      name: 'file:/log',
      async *read() {
        yield batch('', 'c1');
        seen.push(...passed.recorded);
        yield batch('nothing\n', 'c2');
      },
    };
    await run(pipelineOf(source, doors));
    expect(seen).toEqual([{ verdicts: [], cursor: 'c1' }]);
  });

  it('writes the cursor of lines without a hit once, at the end', async () => {
    const { doors, passed } = recordingDoors();
    await run(pipelineOf(sourceOf(batch('nothing\n', 'c1'), batch('nothing\n', 'c2')), doors), 'c0');
    expect(passed.recorded).toEqual([{ verdicts: [], cursor: 'c2' }]);
  });

  it('writes the cursor of lines without a hit every few seconds', async () => {
    const { doors, passed } = recordingDoors();
    let now = NOW;
    const clock = (): number => (now += 2_000);
    const lines = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map((cursor) => batch('nothing\n', cursor));
    await run(pipelineOf(sourceOf(...lines), doors, clock), 'c0');
    expect(passed.recorded.length).toBeGreaterThan(1);
    expect(passed.recorded.length).toBeLessThan(6);
    expect(passed.recorded.at(-1)).toEqual({ verdicts: [], cursor: 'c6' });
  });

  it('T04: counts a hit dated more than an hour ahead as now, and believes a smaller difference', async () => {
    const far = recordingDoors({ at: NOW + 26.5 * 3_600_000 });
    await run(pipelineOf(sourceOf(batch('a hit\n', 'c1')), far.doors));
    expect(far.passed.reported[0]?.hit.at).toBe(NOW);
    const near = recordingDoors({ at: NOW + 12_000 });
    await run(pipelineOf(sourceOf(batch('a hit\n', 'c1')), near.doors));
    expect(near.passed.reported[0]?.hit.at).toBe(NOW + 12_000);
  });

  it('reads no further while the ledger is full, and asks it again', async () => {
    let full = false;
    const { doors, passed } = recordingDoors({ full: () => full });
    const asked: number[] = [];
    const source: Source = {
      name: 'file:/log',
      async *read() {
        full = true;
        yield batch('a hit\n', 'c1');
        asked.push(passed.recorded.length);
        yield batch('a hit\n', 'c2');
      },
    };
    const record: Doors['record'] = (verdicts, cursor) => {
      if (verdicts.length === 0) full = false;
      return doors.record(verdicts, cursor);
    };
    await run(pipelineOf(source, { ...doors, record }));
    expect(asked).toEqual([2]);
    expect(passed.recorded.map(({ cursor }) => cursor)).toEqual(['c1', undefined, 'c2']);
  });

  it('leaves the cursor before a batch that the ledger did not take', async () => {
    let unreadable = false;
    const { doors, passed } = recordingDoors({ unreadable: () => unreadable });
    const source: Source = {
      name: 'file:/log',
      async *read() {
        yield batch('nothing\n', 'c1');
        yield batch('nothing\n', 'c2');
        unreadable = true;
        yield batch('a hit\n', 'c3');
      },
    };
    const record: Doors['record'] = (verdicts, cursor) => {
      if (verdicts.length === 0) unreadable = false;
      return doors.record(verdicts, cursor);
    };
    await expect(run(pipelineOf(source, { ...doors, record }))).rejects.toThrow('cannot be read');
    expect(passed.recorded).toEqual([
      { verdicts: [], cursor: 'c1' },
      { verdicts: [], cursor: 'c2' },
    ]);
  });

  it('ends with an error that nobody expected', async () => {
    const { doors } = recordingDoors();
    const broken = {
      ...doors,
      decide: () => {
        throw new TypeError('a bug');
      },
    };
    await expect(run(pipelineOf(sourceOf(batch('a hit\n', 'c1')), broken))).rejects.toThrow('a bug');
  });

  it('leaves the cursor before a batch that failed half-way', async () => {
    const { doors, passed } = recordingDoors();
    const broken = {
      ...doors,
      decide: () => {
        throw new TypeError('a bug');
      },
    };
    await expect(run(pipelineOf(sourceOf(batch('nothing', 'c0'), batch('a hit\n', 'c1')), broken))).rejects.toThrow('a bug');
    expect(passed.recorded.map((record) => record.cursor)).not.toContain('c1');
  });
});
