import { describe, expect, it } from 'vitest';
import { Tally } from '../../src/daemon/tally.ts';
import type { Verdict } from '../../src/types.ts';
import { ban, hit, NOON } from '../support/decision-words.ts';
import { recordingLog } from '../support/desk.ts';

const banned = (client: string): Verdict => ({ kind: 'ban', hit: hit(client), ban: ban(client) });

describe('Tally', () => {
  it('counts, and tells of every ban', () => {
    const { log, lines } = recordingLog();
    const tally = new Tally(log);
    tally.report([banned('192.0.2.7'), { kind: 'held', hit: hit('192.0.2.7'), network: ban('192.0.2.7').network, until: NOON }]);
    expect(tally.of('spamtrap')).toEqual({ hits: 2, bans: 1, spared: 0 });
    expect(lines).toEqual([
      'spamtrap: ban 192.0.2.7 for 1h: rule recipient, trap trap@example.org',
      'spamtrap: 192.0.2.7 is banned already: rule recipient, trap trap@example.org',
    ]);
  });

  it('B10: tells of a flood in a few lines, and counts all of it', () => {
    const { log, lines } = recordingLog();
    const tally = new Tally(log);
    const verdicts = Array.from({ length: 10_000 }, (_, n) => banned(`10.0.${n >> 8}.${n & 255}`));
    tally.report(verdicts);
    tally.reportEnded(
      verdicts.flatMap((verdict) => (verdict.kind === 'ban' ? [verdict.ban] : [])),
      'its time is over',
    );
    tally.flush();
    expect(lines).toHaveLength(102);
    expect(lines.slice(-2)).toEqual(['spamtrap: ban: 9950 more within a second', 'spamtrap: unban: 9950 more within a second']);
    expect(tally.of('spamtrap')).toEqual({ hits: 10_000, bans: 10_000, spared: 0 });
  });
});
