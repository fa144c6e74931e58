// `last message repeated N times`: what syslogd writes in the place of N further lines that are like the one before.
import { parseTimestamp } from '../../lib/timestamp.ts';
import type { Millis } from '../../types.ts';
import { REPEATED } from '../blocks.ts';

/** One such line. */
export interface Repeat {
  readonly host: string;
  readonly times: number;
  readonly at: Millis;
}

/** What stands behind a line. */
export interface Behind {
  /** The lines right behind it that say it was repeated, if it is of their host. */
  readonly repeats: readonly Repeat[];
  /** Nothing else follows in its batch: the first lines of the next one may say more. */
  readonly open: boolean;
}

/** Bytes of a line that is looked at; host names have 255 at most. */
const LONGEST = 512;

const WORDS = 'last message repeated';

/** Reads the lines from an offset on as far as they say that the one before was repeated. A line without a time has the batch's. */
export function readBehind(bytes: Buffer, offset: number, near: Millis): Behind {
  const repeats: Repeat[] = [];
  let start = offset;
  while (start < bytes.length) {
    const ahead = bytes.toString('latin1', start, start + LONGEST);
    // Nearly always: not worth a look at the line by itself.
    if (!ahead.includes(WORDS)) return { repeats, open: false };
    const text = ahead.split(/\r?\n/, 1)[0] ?? '';
    const { host, times } = REPEATED.exec(text)?.groups ?? {};
    if (host === undefined) return { repeats, open: false };
    repeats.push({ host, times: Number(times), at: parseTimestamp(text, near)?.at ?? near });
    start += text.length + (bytes[start + text.length] === 0x0d ? 2 : 1);
  }
  return { repeats, open: true };
}
