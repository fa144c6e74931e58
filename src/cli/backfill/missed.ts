// The near misses of a backfill, for its summary.
import { NEAR_BYTES, type MissCount } from '../../filters/match.ts';
import { counted } from '../terminal/print.ts';

/** The most reasons that the summary of a backfill shows. */
const MOST_SHOWN = 3;

/**
 * A line for each reason, at most three: the number of near misses, the reason and the first line. `bytes`: the bytes of the logs. Of a long log,
 * only a part is searched for some near misses.
 */
export function missLines(rows: readonly MissCount[], bytes: number): readonly string[] {
  const least = bytes > NEAR_BYTES ? 'at least ' : '';
  const lines = rows
    .slice(0, MOST_SHOWN)
    .map(({ reason, count, line }) => `${least}${counted(count, 'near miss')}: ${reason}; the first line: ${line}`);
  const more = rows.length - lines.length;
  return more > 0 ? [...lines, `near misses for ${counted(more, 'more reason')}, see --json`] : lines;
}
