import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AllowList, Judge } from '../../../src/decision/decide.ts';
import { Occurrences, type Ledger } from '../../../src/ledger/record.ts';
import type { HitsSummary } from '../../../src/words/desk.ts';
import type { Ban, Hit, Verdict } from '../../../src/words/walk.ts';
import { DAY, hit, HOUR, MINUTE, network, NOON, policy } from '../../support/decision/words.ts';
import { banned, LedgerFile, pastOf } from '../../support/ledger/file.ts';

let file: LedgerFile;

beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

const networksOf = (bans: readonly Ban[]): string[] => bans.map((each) => each.network);

const watch = (client: string, at: number): Verdict => ({
  kind: 'watch',
  hit: hit(client, at),
  network: network(client),
  count: 1,
  maxretry: 3,
});

/** Purges until nothing is left to delete. */
const purgeAll = (ledger: Ledger): void => {
  while (ledger.purge());
};

/** Sends hits through judge and ledger, as a backfill of one file does. */
function backfill(
  ledger: Ledger,
  hits: readonly Hit[],
  size = 2,
): Pick<HitsSummary, 'known' | 'held' | 'bans'> & { set: string[] } {
  const judge = new Judge([policy()], AllowList.load([policy()], { addresses: () => [] }));
  const run = new Occurrences();
  const sum = { known: 0, held: 0, bans: 0, set: [] as string[] };
  for (let start = 0; start < hits.length; start += size) {
    const batch = hits.slice(start, start + size);
    const novel = ledger.novel(batch, run);
    const verdicts = judge.decide(novel, ledger.past);
    sum.known += batch.length - novel.length;
    sum.held += verdicts.filter((verdict) => verdict.kind === 'held').length;
    sum.bans += verdicts.filter((verdict) => verdict.kind === 'ban').length;
    sum.set.push(...networksOf(ledger.recordStrictly(verdicts).bans));
  }
  return sum;
}

describe('a backfill', () => {
  const hits = [
    hit('192.0.2.7', NOON - 5 * HOUR, { key: '000000000000000a' }),
    hit('192.0.2.7', NOON - 5 * HOUR, { key: '000000000000000a' }),
    hit('192.0.2.7', NOON - 5 * HOUR + MINUTE, { key: '000000000000000b' }),
    hit('192.0.2.8', NOON - MINUTE, { key: '000000000000000c' }),
    hit('192.0.2.7', NOON - 40 * MINUTE, { key: '000000000000000d' }),
  ];

  it('sets only the bans that are still in force, for their remaining time', () => {
    const ledger = file.open();
    expect(backfill(ledger, hits)).toEqual({ known: 0, held: 2, bans: 3, set: ['192.0.2.8/32', '192.0.2.7/32'] });
    expect(ledger.standing.list()).toMatchObject([
      { network: '192.0.2.7/32', offence: 2, until: NOON + 80 * MINUTE },
      { network: '192.0.2.8/32', offence: 1, until: NOON + 59 * MINUTE },
    ]);
  });

  it('K08: changes nothing when it is repeated with batches of any size', () => {
    const ledger = file.open();
    backfill(ledger, hits);
    const before = [ledger.counts(), ledger.standing.list()];
    for (const size of [1, 2, 3, 100]) {
      expect(backfill(ledger, hits, size)).toEqual({ known: 5, held: 0, bans: 0, set: [] });
    }
    expect([ledger.counts(), ledger.standing.list()]).toEqual(before);
  });

  it('K08: adds only new hits from a copy of a log that was followed', () => {
    const ledger = file.open();
    ledger.recordStrictly(
      hits.slice(0, 2).map((each) => ({ kind: 'held', hit: each, network: network('192.0.2.7'), until: null })),
    );
    expect(backfill(ledger, hits)).toMatchObject({ known: 2, bans: 3 });
  });

  it('K08: does not set a ban again after the ban was lifted by hand', () => {
    const ledger = file.open();
    backfill(ledger, hits);
    ledger.unban('all');
    backfill(ledger, [...hits, hit('192.0.2.7', NOON - 30 * MINUTE, { key: '000000000000000e' })]);
    expect(ledger.standing.list()).toEqual([]);
  });

  it('counts equal messages of one second as often as they occur', () => {
    const ledger = file.open();
    const same = Array.from({ length: 4 }, () => hit('192.0.2.7', NOON, { key: '000000000000000f' }));
    expect(backfill(ledger, same.slice(0, 2))).toMatchObject({ known: 0 });
    expect(backfill(ledger, same)).toMatchObject({ known: 2 });
    expect(ledger.counts().hits).toBe(4);
  });

  it('distinguishes hits of different jails that have the same key', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7', NOON, { jail: 'redirect' })]);
    expect(ledger.novel([hit('192.0.2.7', NOON)], new Occurrences())).toHaveLength(1);
  });
});

describe('Ledger.recentHits', () => {
  it('returns the hits that still count: after `since`, of this jail, not spared, not before a ban', () => {
    const ledger = file.open();
    ledger.recordStrictly([
      watch('192.0.2.1', NOON - HOUR),
      watch('192.0.2.1', NOON - 3),
      watch('192.0.2.2', NOON - 3),
      { kind: 'spare', hit: hit('192.0.2.3'), because: 'ignoreip' },
      banned('192.0.2.2', NOON - 2),
      watch('192.0.2.1', NOON - 1),
      watch('192.0.2.2', NOON - 1),
    ]);
    const recent = file.reopen().recentHits('spamtrap', NOON - 10 * MINUTE);
    expect(recent.map((each) => [each.address, each.at - NOON])).toEqual([
      ['192.0.2.1', -3],
      ['192.0.2.1', -1],
      ['192.0.2.2', -1],
    ]);
  });

  it('lets a judge continue its count after a restart', () => {
    const policies = [policy({ maxretry: 3 })];
    const judgeOf = (): Judge => new Judge(policies, AllowList.load(policies, { addresses: () => [] }));
    const ledger = file.open();
    const before = judgeOf();
    for (const at of [NOON, NOON + 1]) ledger.recordStrictly(before.decide([hit('192.0.2.7', at)], ledger.past));
    const again = file.reopen();
    const after = judgeOf();
    after.restore(again.recentHits('spamtrap', NOON - 10 * MINUTE));
    expect(after.decide([hit('192.0.2.7', NOON + 2)], again.past)).toMatchObject([{ kind: 'ban' }]);
  });
});

describe('Ledger.purge', () => {
  it('deletes hits and offences after 90 days', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    file.now += 89 * DAY;
    ledger.expired();
    purgeAll(ledger);
    expect([ledger.counts().hits, pastOf(ledger, network('192.0.2.7'), 'spamtrap')?.offences]).toEqual([1, 1]);
    file.now += 2 * DAY;
    purgeAll(ledger);
    expect([ledger.counts().hits, pastOf(ledger, network('192.0.2.7'), 'spamtrap')?.offences]).toEqual([0, 0]);
  });

  it('keeps the offence of a ban that is in force', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7', NOON, { until: null }), banned('192.0.2.8', NOON, { until: NOON + 200 * DAY })]);
    file.now += 100 * DAY;
    purgeAll(ledger);
    expect(ledger.standing.list()).toHaveLength(2);
    expect(pastOf(ledger, network('192.0.2.8'), 'spamtrap')?.bannedUntil).toBe(NOON + 200 * DAY);
  });

  it('does not store hits and offences that are already too old', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7', NOON - 91 * DAY)]);
    expect([ledger.counts().hits, pastOf(ledger, network('192.0.2.7'), 'spamtrap')?.offences]).toEqual([0, 0]);
  });

  it('deletes the oldest hits when there are more than ten million, whatever their age', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.1'), banned('192.0.2.2'), banned('192.0.2.3')]);
    file.shell('UPDATE hits SET id = 10000002 WHERE id = 3');
    purgeAll(ledger);
    expect(file.shell('SELECT id FROM hits')).toBe('10000002');
    expect(ledger.counts().hits).toBe(1);
  });

  it('deletes at most 2,000 hits in one call', () => {
    const ledger = file.open();
    ledger.recordStrictly(Array.from({ length: 5000 }, (_, n) => banned(`10.0.${n >> 8}.${n & 255}`)));
    file.now += 100 * DAY;
    ledger.expired();
    ledger.purge();
    expect(ledger.counts().hits).toBe(3000);
    purgeAll(ledger);
    expect(ledger.counts().hits).toBe(0);
  });

  it('B11: does not let the file grow over a year beyond the size that its rows need', () => {
    const ledger = file.open();
    const pages: number[] = [];
    for (let day = 0; day < 365; day += 1) {
      file.now = NOON + day * DAY;
      ledger.expired();
      ledger.recordStrictly(Array.from({ length: 60 }, (_, n) => banned(`10.${day >> 8}.${day & 255}.${n}`, file.now)));
      purgeAll(ledger);
      if (day % 30 === 0) pages.push(Number(file.shell('PRAGMA page_count')));
    }
    expect(ledger.counts().hits).toBe(60 * 91);
    const full = pages[4] ?? 0;
    expect(Math.max(...pages.slice(4))).toBeLessThan(1.2 * full);
    file.now += 365 * DAY;
    ledger.expired();
    purgeAll(ledger);
    expect(Number(file.shell('PRAGMA page_count'))).toBeLessThan(300);
  });
});
