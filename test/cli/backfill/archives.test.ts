import { describe, expect, it } from 'vitest';
import { oldestFirst } from '../../../src/cli/backfill/archives.ts';
import { DamagedError, SourceError } from '../../../src/errors.ts';
import type { Source } from '../../../src/words/walk.ts';

/** A log with one line. An error in place of the line is thrown by the first read. */
const log = (name: string, line: string | Error): Source => ({
  name,
  async *read() {
    if (line instanceof Error) throw line;
    yield { source: name, bytes: Buffer.from(`${line}\n`), at: Date.parse('2026-06-01T00:00:00Z'), cursor: undefined };
  },
});

const LOGS: Record<string, string | Error> = {
  june: '2026-06-01T10:00:00Z mx x',
  may: '2026-05-01T10:00:00Z mx x',
  april: '2026-04-01T10:00:00Z mx x',
  '-': '2020-01-01T10:00:00Z mx x',
  damaged: new DamagedError('damaged: nothing of it was used'),
  missing: new SourceError('missing: no such file'),
};

const order = async (...names: string[]): Promise<string> =>
  (await oldestFirst(names, (name) => log(name, LOGS[name] ?? ''))).map(({ file }) => file).join(' ');

describe('the files of a backfill', () => {
  it('are read in the order of their first lines, standard input last, each once', async () => {
    expect(await order('june', '-', 'may', 'june', 'april')).toBe('april may june -');
  });

  it('N023: may be damaged at their very start', async () => {
    expect(await order('damaged', 'june', 'may')).toBe('may june damaged');
  });

  it('must all exist', async () => {
    await expect(order('june', 'missing')).rejects.toThrow('missing: no such file');
  });
});
