// Reads the time at the start of a log line, as syslog daemons and Postfix's postlogd write it: RFC 3164, ISO 8601 (RFC 3339), RFC 5424, and
// further forms.
import { HOST_ADDRESS, LEVEL } from './level.ts';
import { monthOf } from './months.ts';

/** The time stamp of a line. */
export interface Timestamp {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  /** The number of characters of the time stamp. The text before it (a `<PRI>`) is included, the blank after the time is not. */
  readonly length: number;
  /** True when the text has no offset from UTC: `at` is right if the writer uses the time zone of this process. */
  readonly local: boolean;
}

/** The number of characters at the start of a line that are searched. The longest form has about 100 characters. */
const LONGEST = 120;

/**
 * The texts that may stand before a date: a byte order mark, blanks, the length of the record (RFC 6587 section 3.4.1), `<PRI>`, and the
 * version of RFC 5424.
 */
const BEFORE = /^(?:\xef\xbb\xbf)?[ \t]{0,16}(?:(?:\d{1,6} )?<\d{1,3}>[ \t]{0,4})?(?:1 )?/;

/** The address and the level that socklog(8) writes before a line. */
const SOCKLOG = new RegExp(`^[ \\t]{0,2}(?:${HOST_ADDRESS}: )?${LEVEL}: `);

/** A level before a date, from socklog or from a template. */
const LEVEL_FIRST = new RegExp(`^(?:(?:${HOST_ADDRESS}: )?${LEVEL}:|${LEVEL}|<${LEVEL}>)[ \\t]{1,4}`);

const WEEKDAY = '(?:(?<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \\t]{1,8})?';
const TIME = '(?<time>\\d\\d:\\d\\d(?::\\d\\d)?)(?:[.,](?<fraction>\\d{1,9})\\d{0,9})?';
const OFFSET = '(?:[ \\t]?(?<offset>[+-]\\d\\d(?::?\\d\\d)?)|(?<utc>[Zz]|[ \\t](?:UTC|GMT)))?';
const END = '(?=[ \\t]|$)';

/**
 * RFC 3164 section 4.1.2, and further forms with the name of the month: a weekday, a zero before the day, a year before the month or behind
 * the day, a fraction, an offset, no seconds. Names of months may have a number (Chinese, Japanese, Korean) or `de ` (Catalan) before them.
 */
const NAMED = new RegExp(
  `^${WEEKDAY}(?:(?<first>\\d{4})[ \\t]{1,8})?(?:de )?(?<name>\\d{0,2}[A-Za-z\\x80-\\xff]{2,24}\\.?)[ \\t]{1,8}(?<day>[0-3]?\\d)(?:,?[ \\t](?<year>\\d{4}))?[ \\t]{1,8}${TIME}${OFFSET}${END}`,
);

/**
 * RFC 3339, and further forms in which the year comes first: a blank or, from svlogd(8), `_` in place of the T; a comma in place of the
 * point; points, slashes or blanks in the date (templates of syslog-ng); no seconds; and an offset that is missing, short (`+01`), without
 * its colon, or behind a blank.
 */
const YEAR_FIRST = new RegExp(
  `^${WEEKDAY}(?<year>\\d{4})(?<by>[-./ ])(?<month>\\d\\d)\\k<by>(?<day>\\d\\d)(?<gap>[Tt_]|[ \\t]{1,8})${TIME}${OFFSET}${END}`,
);

/** RFC 5322: `Sat, 28 Nov 2026 17:00:00 +0100`. */
const DAY_FIRST = new RegExp(
  `^${WEEKDAY}(?<day>[0-3]?\\d) (?<name>[A-Za-z\\x80-\\xff]{2,24}\\.?) (?<year>\\d{4}) ${TIME}${OFFSET}${END}`,
);

/** The year behind a time with a weekday, as asctime(3) and date(1) write it: `Sun Jan 23 21:59:59 2005`. */
const YEAR_BEHIND = /^[ \t](?<year>\d{4})(?=[ \t]|$)/;

/** Seconds since 1970 ($UNIXTIME of syslog-ng, `journalctl -o short-unix`). */
const EPOCH = new RegExp(`^(?<seconds>\\d{9,10})(?:\\.(?<fraction>\\d{1,9})\\d{0,9})?${END}`);

/** TAI64 and TAI64N, as multilog(8), svlogd(8) and s6-log write them: `@4000000065a1b2c33b6e1a8c`. */
const TAI64 = new RegExp(`^@(?<label>[0-9a-f]{16})(?<nanos>[0-9a-f]{8})?${END}`);

/** The label of 1970-01-01T00:00:00Z in these programs: they count no leap seconds, but TAI was 10 s ahead of UTC in 1972. */
const TAI64_OF_1970 = 2n ** 62n + 10n;

/** The largest offset from UTC in hours, for dates that can be read. The largest one in use is 14. */
const LARGEST_OFFSET = 18;

/**
 * Reads the time stamp at the start of a line; undefined when there is none that can be read. A date without a year gets the year that
 * brings it nearest to `near` (milliseconds); 29 February gets the nearest leap year. A time without an offset is local time, see
 * `instantOf`; only svlogd(8) writes UTC then. `line` has one character for each byte.
 */
export function parseTimestamp(line: string, near: number): Timestamp | undefined {
  const head = line.length > LONGEST ? line.slice(0, LONGEST) : line;
  const before = BEFORE.exec(head)?.[0].length ?? 0;
  const text = before === 0 ? head : head.slice(before);
  const level = LEVEL_FIRST.exec(text)?.[0].length ?? 0;
  const found = dateAt(level === 0 ? text : text.slice(level), near);
  return found && { ...found, length: before + level + found.length };
}

/** Reads a date at the start of a text. */
function dateAt(text: string, near: number): Timestamp | undefined {
  const date = NAMED.exec(text) ?? YEAR_FIRST.exec(text) ?? DAY_FIRST.exec(text);
  if (!date?.groups) return instantAt(text);
  const { weekday, first, year = first, name, month, day, time = '', fraction = '', offset, utc, gap } = date.groups;
  const behind = weekday === undefined || year !== undefined ? undefined : YEAR_BEHIND.exec(text.slice(date[0].length));
  const length = date[0].length + (behind?.[0].length ?? 0);
  const clock = clockOf(time);
  const monthIndex = name === undefined ? Number(month) - 1 : monthOf(name);
  if (clock === undefined || monthIndex === undefined || monthIndex < 0 || monthIndex > 11) return undefined;
  const rest = clock + millisOf(fraction);
  const known = behind?.groups?.['year'] ?? year;
  const wall =
    known === undefined
      ? nearestYear(monthIndex, Number(day), rest, wallOf(near))
      : wallOfDate(Number(known), monthIndex, Number(day), rest);
  if (wall === undefined) return undefined;
  const isSvlogd = gap === '_' || (gap === 'T' && SOCKLOG.test(text.slice(length)));
  if (utc !== undefined || (offset === undefined && isSvlogd)) return { at: wall, length, local: false };
  if (offset === undefined) return { at: instantOf(wall, near), length, local: true };
  const ahead = offsetOf(offset);
  return ahead === undefined ? undefined : { at: wall - ahead, length, local: false };
}

/** Reads an instant that is a number. */
function instantAt(text: string): Timestamp | undefined {
  const found = EPOCH.exec(text) ?? TAI64.exec(text);
  const { seconds, fraction = '', label, nanos = '0' } = found?.groups ?? {};
  const length = found?.[0].length ?? 0;
  if (seconds !== undefined) return { at: Number(seconds) * 1000 + millisOf(fraction), length, local: false };
  if (label === undefined) return undefined;
  const at = Number(BigInt(`0x${label}`) - TAI64_OF_1970) * 1000 + Math.floor(Number.parseInt(nanos, 16) / 1_000_000);
  return at >= 0 && at <= LATEST ? { at, length, local: false } : undefined;
}

/** The last instant of the year 9999, the last one that the other forms can write. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Milliseconds since midnight of `HH:MM` or `HH:MM:SS`; a leap second (60) is the first second of the next minute. */
function clockOf(time: string): number | undefined {
  const [hour, minute, second] = [Number(time.slice(0, 2)), Number(time.slice(3, 5)), Number(time.slice(6, 8))];
  return hour > 23 || minute > 59 || second > 60 ? undefined : ((hour * 60 + minute) * 60 + second) * 1000;
}

function millisOf(fraction: string): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** Milliseconds of an offset from UTC: `+01`, `+0100` or `+01:00`. Undefined for an offset that no zone has. */
function offsetOf(offset: string): number | undefined {
  const [hours, minutes] = [Number(offset.slice(1, 3)), offset.length > 3 ? Number(offset.slice(-2)) : 0];
  if (hours > LARGEST_OFFSET || minutes > 59) return undefined;
  return (hours * 60 + minutes) * (offset.startsWith('-') ? -60_000 : 60_000);
}

/** Milliseconds of the date as if it were UTC; undefined for a day that the month does not have, and for years before 1970. */
function wallOfDate(year: number, month: number, day: number, rest: number): number | undefined {
  if (year < 1970 || day < 1 || day > 31) return undefined;
  const midnight = Date.UTC(year, month, day);
  // Date.UTC reads 31 April as 1 May.
  return day > 28 && new Date(midnight).getUTCMonth() !== month ? undefined : midnight + rest;
}

/** Half a year. If a date is at most this far from `near`, it would be farther away in any other year. */
const NEAR_ENOUGH = 182 * 86_400_000;

function nearestYear(month: number, day: number, rest: number, near: number): number | undefined {
  const year = new Date(near).getUTCFullYear();
  const same = wallOfDate(year, month, day, rest);
  if (same !== undefined && Math.abs(same - near) <= NEAR_ENOUGH) return same;
  // Leap years are up to eight years apart (1896 and 1904, 2096 and 2104).
  const reach = month === 1 && day === 29 ? 8 : 1;
  let best: number | undefined;
  for (let candidate = year - reach; candidate <= year + reach; candidate += 1) {
    const wall = wallOfDate(candidate, month, day, rest);
    if (wall !== undefined && (best === undefined || Math.abs(wall - near) < Math.abs(best - near))) best = wall;
  }
  return best;
}

// The functions below convert local time, as a wall clock shows it, to an instant.

/**
 * A day is longer than any offset from UTC. So the offset changes near a local time only if it differs between one day before and one day
 * after.
 */
const DAY = 86_400_000;

/** The second instant of a local time that occurs twice is used only if it is at most this far from `near`. */
const FOLD_REACH = 7_200_000;

/** The local time at an instant, in milliseconds as if it were UTC. */
function wallOf(at: number): number {
  return at + offsetAt(at);
}

/**
 * The instant (milliseconds) of a local time. A time that the clocks skipped is read with the offset before the gap, so it moves forward by
 * the length of the gap. A time that occurred twice has two instants. The second one is returned if it is nearer to `near` than the first
 * one, and at most two hours away from `near`.
 */
function instantOf(wall: number, near: number): number {
  const before = offsetAt(wall - DAY);
  const after = offsetAt(wall + DAY);
  const first = wall - before;
  if (before === after) return first;
  const second = wall - after;
  if (offsetAt(second) !== after) return first;
  if (offsetAt(first) !== before) return second;
  const nearer = Math.abs(second - near) < Math.abs(first - near);
  return nearer && Math.abs(second - near) <= FOLD_REACH ? second : first;
}

/** Milliseconds that local time is ahead of UTC at an instant. */
function offsetAt(at: number): number {
  return -new Date(at).getTimezoneOffset() * 60_000;
}
