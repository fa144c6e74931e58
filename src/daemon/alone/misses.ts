// The notes of a check about the end of a log: lines with the words of a trap that no rule takes, and lines without the expected envelope.
import { MissCounts, type Matcher } from '../../filters/match.ts';
import type { Batch } from '../../words/walk.ts';

/** A note for each reason. `ends`: the last lines of the source `name`. */
export function missNotes(matcher: Pick<Matcher, 'match'>, name: string, ends: readonly Batch[]): readonly string[] {
  const counts = new MissCounts();
  for (const batch of ends) matcher.match(batch, (misses) => void counts.add(misses));
  const filled = ends.filter(({ bytes }) => bytes.length > 0);
  const isBare = filled.length > 0 && filled.every(lacksEnvelopes);
  const bare = `source ${name}: no line at its end has the envelope that the option "envelope" names, so no line is a hit`;
  const rows = counts.rows().map(({ reason, count, line }) => {
    const lines = count === 1 ? '1 line' : `${count} lines`;
    return `source ${name}: ${lines} at its end with the words of a trap ${count === 1 ? 'is no hit' : 'are no hits'}: ${reason}; the first is: ${line}`;
  });
  return isBare ? [bare, ...rows] : rows;
}

/** True when the source takes off envelopes, and no line has one. */
function lacksEnvelopes({ bytes, envelopes }: Batch): boolean {
  if (!envelopes) return false;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    if (envelopes.open(start, end)) return false;
    start = end + 1;
  }
  return true;
}
