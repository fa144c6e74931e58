// Handles lines that stand for several equal lines. syslogd writes `last message repeated N times` in place of N further lines that are equal to
// the line before it. syslog-ng writes `PROGRAM: Last message 'BEGIN' repeated N times, suppressed by syslog-ng on HOST` in their place, and
// rsyslog writes `message repeated N times: [ MESSAGE]`.
import { parseTimestamp } from '../lib/text/timestamp.ts';
import type { Millis } from '../words/ports.ts';
import type { Hit } from '../words/walk.ts';
import { hostOf, keyOf } from './hit.ts';
import { REDUCED, REPEATED, SAID, SUPPRESSED, usualForm } from './linestart/linestart.ts';

/** A line that reports repeats. */
export interface Repeat {
  readonly host: string;
  readonly times: number;
  readonly at: Millis;
  /** Present when the date of the line cannot be read, see `Hit.undated`. */
  readonly undated?: string;
  /** The program and the beginning of the message that was repeated, see `saidIn`. Absent: the line does not contain them. */
  readonly said?: string;
}

/** The repeats that follow a line. */
export interface Behind {
  /** The repeats directly behind the line. A repeat counts only if it has the host of the line and, where known, its program and message. */
  readonly repeats: readonly Repeat[];
  /** True when the batch ends behind the repeats: the first lines of the next batch may be further repeats. */
  readonly open: boolean;
}

/** At most this number of bytes of a line is read. A host name has 255 bytes at most (RFC 1035 section 2.3.4). */
const LONGEST = 512;

/** The words of syslogd, and of syslog-ng. */
const WORDS = 'last message repeated';
const NG_WORDS = ', suppressed by syslog-ng on ';

/** Reads the repeats in a batch from an offset up to the first line that is no repeat. */
export function readBehind(bytes: Buffer, offset: number, near: Millis): Behind {
  const repeats: Repeat[] = [];
  let start = offset;
  while (start < bytes.length) {
    const found = repeatAt(bytes, start, near);
    if (!found) return { repeats, open: false };
    repeats.push(found.repeat);
    start = found.end;
  }
  return { repeats, open: true };
}

/** True for a line that is a repeat. What follows it belongs to a line before it. */
export function isRepeat(bytes: Buffer, start: number): boolean {
  return repeatAt(bytes, start, 0) !== undefined;
}

/** The repeat in the line that begins at `start`. `end`: the offset behind the line. */
function repeatAt(bytes: Buffer, start: number, near: Millis): { readonly repeat: Repeat; readonly end: number } | undefined {
  const ahead = bytes.toString('latin1', start, start + LONGEST);
  // Nearly every line ends here. This check is cheaper than cutting the line out.
  if (!ahead.includes(WORDS) && !ahead.includes(NG_WORDS)) return undefined;
  const text = ahead.split(/\r?\n/, 1)[0] ?? '';
  const repeat = repeatOf(text, near);
  return repeat && { repeat, end: start + text.length + (bytes[start + text.length] === 0x0d ? 2 : 1) };
}

/** The repeat in a line. A repeat without a readable date gets the time `near`. */
function repeatOf(text: string, near: Millis): Repeat | undefined {
  const { host, times, program, begin } = (REPEATED.exec(text) ?? SUPPRESSED.exec(usualForm(text)))?.groups ?? {};
  if (host === undefined) return undefined;
  const at = parseTimestamp(text, near)?.at;
  return {
    host,
    times: Number(times),
    at: at ?? near,
    ...(at === undefined && { undated: text.slice(0, 40) }),
    ...(program !== undefined && { said: `${program}: ${begin ?? ''}` }),
  };
}

/** The program and up to 20 bytes of the message of a line in RFC 3164 or ISO 8601; undefined for any other line. */
function saidIn(text: string): string | undefined {
  const { program, begin } = SAID.exec(text)?.groups ?? {};
  return program === undefined ? undefined : `${program}: ${begin ?? ''}`;
}

/** Describes the last line before repeats. `text`: the line in a usual form, see usualForm. */
export function lastLineOf(text: string, hits: readonly Hit[]): LastLine {
  return { host: hostOf(text), said: saidIn(text), hits };
}

/**
 * Replaces a line of rsyslog about repeats by one of the lines that it stands for, and returns their number. Any other line is returned as it
 * is, with the number 1.
 */
export function unfolded(text: string): { readonly text: string; readonly times: number } {
  const { start, times, message } = (text.includes('message repeated ') && REDUCED.exec(text)?.groups) || {};
  if (start === undefined || message === undefined) return { text, times: 1 };
  return { text: start + message, times: Number(times) };
}

/** A line and its hits. Repeats may follow it. */
export interface LastLine {
  /** The host that wrote the line; undefined in RFC 5424, where syslogd writes no lines about repeats. */
  readonly host: string | undefined;
  /** The program and the beginning of its message, see `saidIn`. */
  readonly said?: string | undefined;
  readonly hits: readonly Hit[];
}

/** The number of logs whose last line is remembered. */
const REMEMBERED = 256;

/** The largest number of repeats that one line can add. */
const MOST_REPEATS = 1000;

/** After one call of `begin`, repeats add about this number of hits at most. Otherwise one read could lead to millions of hits. */
export const MOST_AT_ONCE = 5_000;

/** Adds the hits of lines that syslogd replaced by a line about repeats. */
export class Repeats {
  readonly #last = new Map<string, LastLine>();
  #left = MOST_AT_ONCE;

  /** Must be called before each group of lines that is matched together. */
  begin(): void {
    this.#left = MOST_AT_ONCE;
  }

  /** Returns the hits that the repeats at the start of a batch add. They repeat the last line of the log's preceding batch. */
  ofBatchBefore(log: string, start: Behind): readonly Hit[] {
    const last = this.#last.get(log);
    if (!last) return [];
    this.#last.delete(log);
    return this.after(log, start, last);
  }

  /** Returns the hits that the repeats behind a line add to the hits of the line. */
  after(log: string, { repeats, open }: Behind, last: LastLine): readonly Hit[] {
    const more: Hit[] = [];
    for (const { host, times, at, undated, said } of repeats) {
      if (host !== last.host) return more;
      if (said !== undefined && said !== last.said) return more;
      const hits = undated === undefined ? last.hits : last.hits.map((hit) => ({ ...hit, undated }));
      for (const hit of this.copies(hits, times, at)) more.push(hit);
    }
    if (open && last.host !== undefined) this.#remember(log, last);
    return more;
  }

  /** Returns `times` further copies of each of these hits, but at most a thousand. */
  copies(hits: readonly Hit[], times: number, at: Millis): readonly Hit[] {
    const more: Hit[] = [];
    for (let count = 1; count <= Math.min(times, MOST_REPEATS) && this.#left > 0; count += 1) {
      this.#left -= hits.length;
      more.push(...hits.map((hit) => ({ ...hit, at, key: keyOf(at, `${hit.key} ${count}`) })));
    }
    return more;
  }

  #remember(log: string, last: LastLine): void {
    this.#last.set(log, last);
    const [oldest] = this.#last.keys();
    if (this.#last.size > REMEMBERED && oldest !== undefined) this.#last.delete(oldest);
  }
}
