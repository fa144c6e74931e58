// Reports the earlier bans by hand that new bans by hand have replaced.
import { formatRemaining } from '../../lib/text/duration.ts';
import type { BanRow } from '../../words/desk.ts';
import type { Millis } from '../../words/ports.ts';
import { counted, localTime, nameOf } from './print.ts';

/** At most this number of bans is named, one on each line. */
const MOST_NAMED = 10;

/** One line for each ban that has shortened an earlier ban by hand, or has dropped its reason. */
export function replacedLines(rows: readonly BanRow[], now: Millis): readonly string[] {
  const replacing = rows.filter((row) => row.replaced !== undefined);
  const lines = replacing.slice(0, MOST_NAMED).map((row) => `${nameOf(row)}: replaced a ban by hand ${wordsOf(row.replaced, now)}`);
  const more = replacing.length - lines.length;
  return [...lines, ...(more > 0 ? [`${counted(more, 'more ban')} replaced, see --json`] : [])];
}

function wordsOf(replaced: BanRow['replaced'], now: Millis): string {
  if (!replaced) return '';
  const { until, reason } = replaced;
  const end =
    until === null ? 'without an end' : `that would have ended ${localTime(Date.parse(until))} (in ${spanTo(until, now)})`;
  return `${end}${reason === '' ? '' : `, with the reason "${reason}"`}`;
}

function spanTo(until: string, now: Millis): string {
  return formatRemaining(Date.parse(until) - now);
}
