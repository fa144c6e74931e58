// The last line of a backfill: the numbers of files, of hits, and of bans that were set.
import type { HitsSummary } from '../../words/desk.ts';
import { counted } from '../terminal/print.ts';
import { sizeText } from '../terminal/progress.ts';
import type { Undated } from './undated.ts';

/** The amount of data that a backfill has read, and the hits that it has left out. */
export interface Read {
  readonly files: number;
  readonly bytes: number;
  readonly dryRun: boolean;
  /** Hits that were left out because of --since or --until. */
  readonly outside: number;
  /** The hits that were left out because their dates cannot be read. */
  readonly undated?: Undated;
  /** Lines with the words of a trap that no rule took. Absent: none. */
  readonly misses?: number;
  /** True when no line of any file holds a name of Postfix. */
  readonly foreign: boolean;
}

/** The last line that a backfill prints. */
export function summaryText(summary: HitsSummary, read: Read): string {
  const { hits, known, spared } = summary;
  const what = `${counted(read.files, 'file')}, ${sizeText(read.bytes)}`;
  const left = read.undated?.text();
  const end = left === undefined ? '' : `; ${left}`;
  const misses = read.misses ?? 0;
  const missed = misses === 0 ? '' : `, ${counted(misses, 'near miss')} (see above)`;
  const outside = read.outside === 0 ? [] : [`${read.outside} outside of --since and --until`];
  if (hits === 0) {
    const found = read.outside === 0 ? 'no trap hits' : `${counted(read.outside, 'trap hit')}, all outside of --since and --until`;
    return `${what}: ${found}${missed}, nothing to ban${read.foreign ? '; no line of Postfix in it, is it a mail log?' : ''}${end}`;
  }
  const parts = [
    `${counted(hits, 'hit')} in ${counted(read.files, 'file')}`,
    ...outside,
    ...(known > 0 ? [`${known} on record already`] : []),
    ...(spared > 0 ? [`${spared} spared`] : []),
    bansText(summary, read.dryRun),
  ];
  return parts.join(', ') + missed + end;
}

/** The line about a backfill that was interrupted. `reached`: how far it came, as `at 6 %`. */
export function interruptText(summary: HitsSummary, reached: string, dryRun: boolean): string {
  if (dryRun || summary.hits === 0) return `interrupted ${reached}, nothing was set`;
  return `interrupted ${reached}: ${counted(summary.hits, 'hit')}, ${bansText(summary, false)}; run it again for the rest`;
}

/** `3 bans: 1 set, 1 recorded but not in force, 1 over already`. In a dry run, `set` are the bans that would be set. */
function bansText({ bans, set }: HitsSummary, dryRun: boolean): string {
  if (bans === 0) return '0 bans';
  const owed = set.filter((row) => row.owed !== undefined).length;
  // When a ban is set again with a later end, `set` has one ban and `bans` counts two.
  const over = Math.max(0, bans - set.length);
  const parts = [
    ...(owed === 0 || owed < set.length ? [`${set.length - owed} ${dryRun ? 'would be set now' : 'set'}`] : []),
    ...(owed > 0 ? [`${owed} recorded but not in force`] : []),
    ...(over > 0 ? [`${over} over already`] : []),
  ];
  return `${counted(bans, 'ban')}: ${parts.join(', ')}`;
}
