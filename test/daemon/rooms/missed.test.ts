import { describe, expect, it } from 'vitest';
import { Misses } from '../../../src/daemon/rooms/missed.ts';
import type { NearMiss } from '../../../src/words/walk.ts';
import { recordingLog } from '../../support/daemon/desk.ts';

const miss = (kind: string, line = 'a line'): NearMiss => ({ kind, reason: `reason of ${kind}`, line });

describe('the near misses of all sources', () => {
  it('are counted, and the first one of each source and reason is logged', () => {
    const { log, lines } = recordingLog();
    const misses = new Misses(log);
    misses.add('journal', [miss('prefix', 'first'), miss('prefix', 'second'), miss('text x', 'third')]);
    misses.add(
      'journal',
      Array.from({ length: 100_000 }, () => miss('prefix')),
    );
    misses.add('other', [miss('prefix')]);
    expect(misses.of('journal')).toEqual({
      nearMisses: [
        { kind: 'prefix', reason: 'reason of prefix', count: 100_002, line: 'first' },
        { kind: 'text', reason: 'reason of text x', count: 1, line: 'third' },
      ],
    });
    expect(misses.of('none')).toEqual({});
    expect(lines.map((line) => line.replace(/^\w+: /, ''))).toHaveLength(3);
    expect(lines[0]).toContain(
      'journal: a line with the words of a trap is no hit: reason of prefix; "trapline status" counts such lines; the first is: first',
    );
  });

  it('are not logged for an unknown name, which is reported already', () => {
    const { log, lines } = recordingLog();
    const misses = new Misses(log);
    misses.add('journal', [miss('name')]);
    expect(lines).toEqual([]);
    expect(misses.of('journal').nearMisses).toHaveLength(1);
  });

  it('have a limit on the number of reasons', () => {
    const { log, lines } = recordingLog();
    const misses = new Misses(log);
    for (let index = 0; index < 1000; index += 1) misses.add('journal', [miss(`text ${index}`)]);
    expect([misses.of('journal').nearMisses?.length, lines.length]).toEqual([50, 50]);
  });
});
