// The notes of a check about near misses: lines with the words of a trap at the end of a log that no rule takes.
import { MissCounts, type Matcher } from '../../filters/match.ts';
import type { Batch } from '../../words/walk.ts';

/** A note for each reason. `ends`: the last lines of the source `name`. */
export function missNotes(matcher: Pick<Matcher, 'match'>, name: string, ends: readonly Batch[]): readonly string[] {
  const counts = new MissCounts();
  for (const batch of ends) matcher.match(batch, (misses) => void counts.add(misses));
  return counts.rows().map(({ reason, count, line }) => {
    const lines = count === 1 ? '1 line' : `${count} lines`;
    return `source ${name}: ${lines} at its end with the words of a trap ${count === 1 ? 'is no hit' : 'are no hits'}: ${reason}; the first is: ${line}`;
  });
}
