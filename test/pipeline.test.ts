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
function recordingDoors(options: { at?: number; failing?: () => boolean } = {}) {
  const passed: { recorded: { verdicts: readonly Verdict[]; cursor: string | undefined }[]; enforced: Ban[]; reported: Verdict[] } =
    {
      recorded: [],
      enforced: [],
      reported: [],
    };
  const doors: Doors = {
    match: ({ bytes }) => (bytes.includes('hit') ? [hitAt(options.at ?? NOW - 1000)] : []),
    decide: (hits) => hits.map((hit) => ({ kind: 'ban', hit, ban: banOf(hit) })),
    past: () => ({ bannedUntil: undefined, lastOffence: undefined, offences: 0 }),
    record: (verdicts, cursor) => {
      if (options.failing?.()) throw new LedgerError('/var/lib/trapline/trapline.db: disk full');
      passed.recorded.push({ verdicts, cursor: cursor?.cursor });
      return verdicts.flatMap((verdict) => (verdict.kind === 'ban' ? [verdict.ban] : []));
    },
    enforce: (bans) => passed.enforced.push(...bans),
    report: (verdicts) => passed.reported.push(...verdicts),
  };
  return { doors, passed };
}

function pipelineOf(source: Source, doors: Doors, notices: string[] = [], clock = () => NOW): Pipeline {
  const note = (text: string): unknown => notices.push(text);
  return new Pipeline(source, () => doors, { clock, log: { debug: note, info: note, notice: note, warn: note, error: note } });
}

const run = (pipeline: Pipeline): Promise<void> => pipeline.run(undefined, new AbortController().signal);

describe('Pipeline', () => {
  it('takes a hit through all rooms, with the cursor of its batch in the same record', async () => {
    const { doors, passed } = recordingDoors();
    await run(pipelineOf(sourceOf(batch('a hit\n', 'c1')), doors));
    expect(passed.recorded).toEqual([{ verdicts: [expect.objectContaining({ kind: 'ban' })], cursor: 'c1' }]);
    expect(passed.enforced.map((ban) => ban.network)).toEqual(['203.0.113.7/32']);
    expect(passed.reported).toHaveLength(1);
  });

  it('writes the cursor of lines without a hit once, at the end', async () => {
    const { doors, passed } = recordingDoors();
    await run(pipelineOf(sourceOf(batch('nothing\n', 'c1'), batch('nothing\n', 'c2')), doors));
    expect(passed.recorded).toEqual([{ verdicts: [], cursor: 'c2' }]);
  });

  it('writes the cursor of lines without a hit every few seconds', async () => {
    const { doors, passed } = recordingDoors();
    let now = NOW;
    const clock = (): number => (now += 2_000);
    const lines = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map((cursor) => batch('nothing\n', cursor));
    await run(pipelineOf(sourceOf(...lines), doors, [], clock));
    expect(passed.recorded.length).toBeGreaterThan(1);
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

  it('goes on banning while the ledger cannot be written, says so once, and catches up', async () => {
    let failing = true;
    const { doors, passed } = recordingDoors({ failing: () => failing });
    const notices: string[] = [];
    const source: Source = {
      name: 'file:/log',
      async *read() {
        yield batch('a hit\n', 'c1');
        yield batch('a hit\n', 'c2');
        failing = false;
        yield batch('a hit\n', 'c3');
      },
    };
    await run(pipelineOf(source, doors, notices));
    expect(passed.enforced).toHaveLength(5);
    expect(passed.recorded).toEqual([{ verdicts: [expect.anything(), expect.anything(), expect.anything()], cursor: 'c3' }]);
    expect(notices).toEqual([expect.stringContaining('disk full'), expect.stringContaining('can be written again')]);
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
