import { describe, expect, it } from 'vitest';
import { missLines } from '../../../src/cli/backfill/missed.ts';

const row = (reason: string, count = 2) => ({ kind: 'text', reason, count, line: 'a line' });

describe('the near misses of a backfill', () => {
  it('have a line for each reason, at most three', () => {
    expect(missLines([], 100)).toEqual([]);
    expect(missLines([row('one'), row('two', 1), row('three'), row('four'), row('five')], 100)).toEqual([
      '2 near misses: one; the first line: a line',
      '1 near miss: two; the first line: a line',
      '2 near misses: three; the first line: a line',
      'near misses for 2 more reasons, see --json',
    ]);
  });

  it('are a least number for a long log, of which only a part is searched', () => {
    expect(missLines([row('one')], 2 ** 30)).toEqual(['at least 2 near misses: one; the first line: a line']);
  });
});
