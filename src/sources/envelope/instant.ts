// Reads the date of an envelope, and decides between this date and the date of the line in it.
import { parseTimestamp } from '../../lib/text/timestamp.ts';
import type { Millis } from '../../words/ports.ts';
import type { Unwrapped } from '../../words/walk.ts';

/** The date of RFC 3339 with an offset, as Docker and container runtimes write it (`time.RFC3339Nano` of Go), as text of a regular expression. */
export const INSTANT = '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})';

const WHOLE = new RegExp(`^${INSTANT}$`);

/** The difference between the westernmost and the easternmost zone (UTC-12 and UTC+14). */
const WIDEST: Millis = 26 * 3_600_000;

/** The instant of a date of RFC 3339 with an offset; undefined for any other text. */
export function instantOf(text: string): Millis | undefined {
  return WHOLE.test(text) ? parseTimestamp(text, 0)?.at : undefined;
}

/**
 * The line of an envelope that was written at `at`. The date of the envelope counts, because it has a year and a zone, and the program in the
 * container cannot choose it. The date in the line counts only if it is more than 26 hours older, which no difference between zones explains:
 * then the program has printed an old log again.
 */
export function writtenAt(text: string, at: Millis): Unwrapped {
  const own = parseTimestamp(text, at)?.at;
  return { text, at: own !== undefined && own < at - WIDEST ? own : at };
}
