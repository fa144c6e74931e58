// The near misses of a backfill, for its summary.
import type { MissCount } from '../../filters/match.ts';
import { counted } from '../terminal/print.ts';

/** The most reasons that the summary of a backfill shows. */
const MOST_SHOWN = 3;

/** A line for each reason, at most three: the number of near misses, the reason and the first line. */
export function missLines(rows: readonly MissCount[]): readonly string[] {
  const lines = rows
    .slice(0, MOST_SHOWN)
    .map(({ reason, count, line }) => `${counted(count, 'near miss')}: ${reason}; the first line: ${line}`);
  const more = rows.length - lines.length;
  return more > 0 ? [...lines, `near misses for ${counted(more, 'more reason')}, see --json`] : lines;
}
