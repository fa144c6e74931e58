import { describe, expect, it } from 'vitest';
import { Tally } from '../../src/daemon/tally.ts';
import type { Owes } from '../../src/daemon/desk.ts';
import type { Log, Millis } from '../../src/words/ports.ts';
import type { Verdict } from '../../src/words/walk.ts';
import { ban, hit, HOUR, NOON } from '../support/decision/words.ts';
import { recordingLog } from '../support/daemon/desk.ts';

const DONE = Promise.resolve();

const tallyAt = (log: Log, now: Millis, owes: Owes = () => undefined): Tally => new Tally({ log, clock: () => now, owes });

const banned = (client: string): Verdict => ({ kind: 'ban', hit: hit(client), ban: ban(client) });

const spared = (number: number): Verdict => ({
  kind: 'spare',
  hit: hit('192.0.2.7', NOON, { jail: `j${number}` }),
  because: 'x',
});

describe('`Tally`, which counts and logs verdicts', () => {
  it('counts hits, and logs every ban', async () => {
    const { log, lines } = recordingLog();
    const tally = tallyAt(log, NOON);
    tally.judged(
      [banned('192.0.2.7'), { kind: 'held', hit: hit('192.0.2.7'), network: ban('192.0.2.7').network, until: NOON + HOUR }],
      DONE,
    );
    await DONE;
    expect(tally.of('spamtrap')).toEqual({ hits: 2, bans: 1, spared: 0 });
    expect(lines).toEqual([
      'spamtrap: ban 192.0.2.7 for 1h: rule recipient, trap trap@example.org',
      'spamtrap: 192.0.2.7 is banned already: rule recipient, trap trap@example.org',
    ]);
  });

  it('N010: logs that a hit whose ban is already over leads to no ban, and counts no ban', async () => {
    const { log, lines } = recordingLog();
    const tally = tallyAt(log, NOON + HOUR);
    const { network } = ban('192.0.2.7');
    tally.judged(
      [
        banned('192.0.2.7'),
        { kind: 'held', hit: hit('192.0.2.7'), network, until: NOON + HOUR },
        { kind: 'ban', hit: hit('192.0.2.8'), ban: ban('192.0.2.8', NOON, { until: NOON + HOUR + 1 }) },
        { kind: 'ban', hit: hit('192.0.2.9'), ban: ban('192.0.2.9', NOON, { until: null }) },
      ],
      DONE,
    );
    await DONE;
    expect(tally.of('spamtrap')).toEqual({ hits: 4, bans: 2, spared: 0 });
    expect(lines).toEqual([
      'spamtrap: 192.0.2.7 already over, not banned: the ban of 1h ended at 2026-11-25T13:00:00.000Z: rule recipient, trap trap@example.org',
      'spamtrap: 192.0.2.7 was banned at the time of the hit: rule recipient, trap trap@example.org',
      'spamtrap: ban 192.0.2.8 for 1h: rule recipient, trap trap@example.org',
      'spamtrap: ban 192.0.2.9 for ever: rule recipient, trap trap@example.org',
    ]);
  });

  it('counts the hits of at most a thousand jails, because a client can invent any number of jails', () => {
    const tally = tallyAt(recordingLog().log, NOON);
    tally.judged(
      Array.from({ length: 1001 }, (_, number) => spared(number)),
      DONE,
    );
    expect([tally.of('j0').hits, tally.of('j999').hits, tally.of('j1000').hits]).toEqual([1, 1, 0]);
  });

  it('B10: logs a flood of hits in a few lines, and counts every hit', async () => {
    const { log, lines } = recordingLog();
    const tally = tallyAt(log, NOON);
    const verdicts = Array.from({ length: 10_000 }, (_, n) => banned(`10.0.${n >> 8}.${n & 255}`));
    tally.judged(verdicts, DONE);
    await DONE;
    tally.ended(
      verdicts.flatMap((verdict) => (verdict.kind === 'ban' ? [verdict.ban] : [])),
      'its time is over',
    );
    tally.flush();
    expect(lines).toHaveLength(102);
    expect(lines.slice(-2)).toEqual(['spamtrap: ban: 9950 more within a second', 'spamtrap: unban: 9950 more within a second']);
    expect(tally.of('spamtrap')).toEqual({ hits: 10_000, bans: 10_000, spared: 0 });
  });

  it('A2: reports that a ban is recorded and not in force, with the reason, after the firewall has refused it', async () => {
    const { log, lines } = recordingLog();
    const refused: string[] = [];
    const tally = tallyAt(log, NOON, () => refused[0]);
    const finish: (() => void)[] = [];
    const promise = new Promise<void>((resolve) => finish.push(resolve));
    tally.judged([banned('192.0.2.7')], promise);
    expect(tally.of('spamtrap')).toEqual({ hits: 1, bans: 1, spared: 0 });
    expect(lines).toEqual([]);
    refused.push('nftables: nft -f -: Operation not permitted');
    for (const done of finish) done();
    await promise;
    expect(lines).toEqual([
      'spamtrap: ban 192.0.2.7 for 1h: rule recipient, trap trap@example.org; recorded, not in force: nftables: nft -f -: Operation not permitted',
    ]);
  });

  it('keeps the order of its lines while a ban waits for the firewall, and logs it as not in force yet at a stop', () => {
    const { log, lines } = recordingLog();
    const tally = tallyAt(log, NOON, () => null);
    tally.judged([banned('192.0.2.7')], new Promise(() => {}));
    tally.ended([ban('192.0.2.7')], 'by hand, asked by "anna (uid 1000)"');
    expect(lines).toEqual([]);
    tally.flush();
    expect(lines).toEqual([
      'spamtrap: ban 192.0.2.7 for 1h: rule recipient, trap trap@example.org; recorded, not in force yet',
      'spamtrap: unban 192.0.2.7: by hand, asked by "anna (uid 1000)"',
    ]);
  });

  it('A4: logs a ban by hand with the reason and with the user whom the client names', async () => {
    const { log, lines } = recordingLog();
    const tally = tallyAt(log, NOON);
    const byHand = ban('192.0.2.7', NOON, { jail: 'manual', origin: 'hand', reason: 'guessed\u001b[2J passwords' });
    tally.banned([byHand], 'anna (uid 1000)\n', DONE);
    tally.banned([{ ...byHand, until: null, reason: '' }], undefined, DONE);
    await DONE;
    expect(lines).toEqual([
      'manual: ban 192.0.2.7 for 1h by hand, asked by "anna (uid 1000)\\u{a}": guessed\\u{1b}[2J passwords',
      'manual: ban 192.0.2.7 for ever by hand',
    ]);
    expect(tally.of('manual').bans).toBe(0);
  });
});
