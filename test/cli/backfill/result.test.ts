import { describe, expect, it } from 'vitest';
import { interruptText, summaryText, type Read } from '../../../src/cli/backfill/result.ts';
import type { BanRow } from '../../../src/words/desk.ts';
import { ZERO } from '../../support/control/desk.ts';

const READ: Read = { files: 1, bytes: 369_000_000, dryRun: false, outside: 0, foreign: false };
const BAN = {} as BanRow;

describe('the last line of a backfill', () => {
  it.each([
    ['one hit whose ban is over', { hits: 1, bans: 1 }, {}, '1 hit in 1 file, 1 ban: 0 set, 1 over already'],
    ['bans in force', { hits: 3, bans: 2, set: [BAN, BAN] }, {}, '3 hits in 1 file, 2 bans: 2 set'],
    [
      'a ban that a firewall does not hold',
      { hits: 3, bans: 3, set: [BAN, { ...BAN, owed: 'nftables: x' }] },
      {},
      '3 hits in 1 file, 3 bans: 1 set, 1 recorded but not in force, 1 over already',
    ],
    [
      'bans of which a firewall holds none',
      { hits: 1, bans: 1, set: [{ ...BAN, owed: 'nftables: x' }] },
      {},
      '1 hit in 1 file, 1 ban: 1 recorded but not in force',
    ],
    [
      'a dry run',
      { hits: 5, known: 2, spared: 1, bans: 2, set: [BAN] },
      { files: 3, dryRun: true },
      '5 hits in 3 files, 2 on record already, 1 spared, 2 bans: 1 would be set now, 1 over already',
    ],
    ['hits without a ban', { hits: 2, watched: 2 }, {}, '2 hits in 1 file, 0 bans'],
    [
      'hits outside of the span',
      { hits: 1, bans: 1 },
      { outside: 4 },
      '1 hit in 1 file, 4 outside of --since and --until, 1 ban: 0 set, 1 over already',
    ],
    ['no hits', {}, {}, '1 file, 369 MB: no trap hits, nothing to ban'],
    [
      'a file that is no mail log',
      {},
      { foreign: true },
      '1 file, 369 MB: no trap hits, nothing to ban; no line of Postfix in it, is it a mail log?',
    ],
    ['no hit in the span', {}, { outside: 2 }, '1 file, 369 MB: 2 trap hits, all outside of --since and --until, nothing to ban'],
  ])('of %s', (_, summary, read, text) => {
    expect(summaryText({ ...ZERO, ...summary }, { ...READ, ...read })).toBe(text);
  });

  it.each([
    ['nothing was judged', {}, false, 'interrupted at 6 %, nothing was set'],
    ['a dry run', { hits: 3, bans: 3, set: [BAN] }, true, 'interrupted at 6 %, nothing was set'],
    [
      'something was judged',
      { hits: 3, bans: 2, set: [BAN] },
      false,
      'interrupted at 6 %: 3 hits, 2 bans: 1 set, 1 over already; run it again for the rest',
    ],
  ])('of an interrupted backfill when it was %s', (_, summary, dryRun, text) => {
    expect(interruptText({ ...ZERO, ...summary }, 'at 6 %', dryRun)).toBe(text);
  });
});
