// The time at the start of a log line: RFC 3164, ISO 8601 (RFC 3339) and RFC 5424, as syslog daemons and Postfix's postlogd write them.

/** Where a line's time stamp says it is, and how many characters of the line it takes (with a `<PRI>` before it, without the blank after). */
export interface Timestamp {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  readonly length: number;
}

/** Only so much of a line is looked at: the longest form is about 60 characters. */
const LOOK = 80;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 3164 section 4.1.2, with what is seen besides: a zero before the day, a year (`Nov 25 2026 ...`), a fraction. */
const BSD = new RegExp(
  `^(?:<\\d{1,3}>)?(?<month>${MONTHS.join('|')}) (?<day>[ 0-3]?\\d)(?: (?<year>\\d{4}))? (?<time>\\d\\d:\\d\\d:\\d\\d)(?:[.,](?<fraction>\\d{1,9}))?(?= |$)`,
);

/** asctime(3): `Sun Jan 23 21:59:59 2005`. */
const ASCTIME = new RegExp(
  `^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>${MONTHS.join('|')}) (?<day>[ 0-3]?\\d) (?<time>\\d\\d:\\d\\d:\\d\\d) (?<year>\\d{4})(?= |$)`,
);

/** RFC 3339, and RFC 5424 section 6.2.3 behind `<PRI>1 `; also a blank for the T, a comma for the point, no colon or no offset at all. */
const ISO =
  /^(?:<\d{1,3}>(?:1 )?)?(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[Tt ](?<time>\d\d:\d\d:\d\d)(?:[.,](?<fraction>\d{1,9})\d{0,9})?(?<offset>[Zz]|[+-]\d\d:?\d\d)?(?= |$)/;

/**
 * Reads the time stamp that a line starts with; undefined when there is none. A date without a year is put in the year that brings it
 * nearest to `near` (milliseconds), a 29th of February in the nearest year that has one. A time without an offset is read in `zone` (an
 * IANA name; the process's own zone by default): one that the clocks skipped moves forward by what they skipped, one that they showed
 * twice is the one nearer to `near` when that is hours away at most, else the first.
 */
export function parseTimestamp(line: string, near: number, zone?: string): Timestamp | undefined {
  const head = line.length > LOOK ? line.slice(0, LOOK) : line;
  const found = ISO.exec(head) ?? BSD.exec(head) ?? ASCTIME.exec(head);
  if (!found?.groups) return undefined;
  const { year, month = '', day = '', time = '', fraction = '', offset } = found.groups;
  const clock = clockOf(time);
  const monthIndex = month.length === 3 ? MONTHS.indexOf(month) : Number(month) - 1;
  if (clock === undefined || monthIndex < 0 || monthIndex > 11) return undefined;
  const rest = clock + millisOf(fraction);
  const wall =
    year === undefined
      ? nearestYear(monthIndex, Number(day), rest, wallOf(near, zone))
      : wallOfDate(Number(year), monthIndex, Number(day), rest);
  if (wall === undefined) return undefined;
  return { at: offset === undefined ? instantOf(wall, near, zone) : wall - offsetOf(offset), length: found[0].length };
}

/** Milliseconds since midnight of `HH:MM:SS`; a leap second (60) is the first of the next minute. */
function clockOf(time: string): number | undefined {
  const [hour, minute, second] = [Number(time.slice(0, 2)), Number(time.slice(3, 5)), Number(time.slice(6, 8))];
  return hour > 23 || minute > 59 || second > 60 ? undefined : ((hour * 60 + minute) * 60 + second) * 1000;
}

function millisOf(fraction: string): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function offsetOf(offset: string): number {
  if (offset.length === 1) return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** The date as if it were UTC; undefined for a day that the month does not have, and for years before 1970. */
function wallOfDate(year: number, month: number, day: number, rest: number): number | undefined {
  if (year < 1970 || day < 1 || day > 31) return undefined;
  const midnight = Date.UTC(year, month, day);
  // A day that the month does not have is one of the next.
  return day > 28 && new Date(midnight).getUTCMonth() !== month ? undefined : midnight + rest;
}

/** Less than half a year away: every other year is further. */
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

// Between the time on the wall and the instant, in the zone of the process or any other.

/** Half a day and more on either side of a wall time, whatever its offset, there is an instant before and one after it. */
const DAY = 86_400_000;

/** How far `near` may be from a time shown twice to choose between the two. */
const FOLD_REACH = 7_200_000;

/** Time zones change their offset on quarter hours only (since 1972), so an offset holds for all of one. */
const QUARTER = 900_000;

/** Offsets remembered for each zone; one look-up through Intl takes some 5 us. */
const REMEMBERED = 5000;

/** What a clock on the wall shows at an instant, as milliseconds as if it were UTC. */
function wallOf(at: number, zone?: string): number {
  return at + offsetAt(at, zone);
}

/**
 * The instant (milliseconds) at which a clock on the wall shows `wall`. A time that was skipped is read with the offset before the gap, so
 * it moves forward; of a time shown twice the one nearer to `near` is taken when that is at most two hours away, else the first.
 */
function instantOf(wall: number, near: number, zone?: string): number {
  const before = offsetAt(wall - DAY, zone);
  const after = offsetAt(wall + DAY, zone);
  const first = wall - before;
  if (before === after) return first;
  const second = wall - after;
  if (offsetAt(second, zone) !== after) return first;
  if (offsetAt(first, zone) !== before) return second;
  const nearer = Math.abs(second - near) < Math.abs(first - near);
  return nearer && Math.abs(second - near) <= FOLD_REACH ? second : first;
}

/** Milliseconds that the zone's clocks are ahead of UTC at an instant. */
function offsetAt(at: number, zone: string | undefined): number {
  return zone === undefined ? -new Date(at).getTimezoneOffset() * 60_000 : zoneOf(zone).offsetAt(at);
}

const zones = new Map<string, Zone>();

function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (!zone) {
    zone = new Zone(name);
    zones.set(name, zone);
  }
  return zone;
}

class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  offsetAt(at: number): number {
    const quarter = Math.floor(at / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      offset = this.#look(quarter * QUARTER);
      if (this.#offsets.size >= REMEMBERED) this.#offsets.clear();
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  #look(at: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(at)) part[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - at;
  }
}
