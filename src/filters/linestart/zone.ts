// Corrects the time of a line that has just been written by a program in another time zone. The decision
// docs/decisions/0018-time-of-a-live-line.md explains the rule.
import { parseTimestamp } from '../../lib/text/timestamp.ts';
import type { Millis } from '../../words/ports.ts';
import type { Batch, Hit } from '../../words/walk.ts';
import { usualForm } from './foreign.ts';
import { HEAD, HOST, PROGRAM } from './usual.ts';

/** The parts of a batch that show when its lines were written. */
type Written = Pick<Batch, 'writtenAfter' | 'at'>;

/** The offsets of all time zones from UTC are whole quarters of an hour. */
const QUARTER: Millis = 900_000;

/** The largest difference between two zones: they reach from UTC-12 to UTC+14. */
const FARTHEST: Millis = 26 * 3_600_000;

/** A line may be written this long after its date: syslog-ng keeps lines for ten seconds, and a date without a fraction is up to a second old. */
const SLOW: Millis = 15_000;

/** The clock of the machine that dates a line may be this far ahead. */
const FAST: Millis = 5_000;

/** Lines have just been written if they were written within this time before they were read. The end of a log is read once a second. */
const JUST: Millis = 10_000;

/** The number of lines at the start and at the end of a batch whose dates are compared, and the bytes of each that are read. */
const SAMPLE = 32;
const LONGEST = 512;

const NEWLINE = 0x0a;

/**
 * The milliseconds by which the date of a line is ahead of the time of its writing (negative: behind), if they are whole quarters of an hour.
 * Undefined: the line has not just been written, or the difference is no whole number of quarters, as for a late line.
 */
export function aheadOf(date: Millis, { writtenAfter, at }: Written): Millis | undefined {
  if (writtenAfter === undefined || writtenAfter > at || at - writtenAfter > JUST) return undefined;
  const middle = (SLOW + JUST - FAST) / 2;
  const behind = Math.round((at - date - middle) / QUARTER) * QUARTER;
  const isZone = at - date - behind >= -FAST && writtenAfter - date - behind <= SLOW && Math.abs(behind) <= FARTHEST;
  return isZone ? 0 - behind : undefined;
}

/**
 * Corrects the time of each hit with a `zone`, and records in `zone` the difference by which its date was ahead. A hit whose line is late or
 * has not just been written keeps the time of its date, and loses its `zone`. If a batch has a late line of a host, all lines of this host in the
 * batch keep their dates, because further late lines may be late by whole quarters. The keys of the hits do not change.
 */
export function zoned(hits: readonly Hit[], batch: Written & Pick<Batch, 'bytes'>): readonly Hit[] {
  if (!hits.some(({ zone }) => zone)) return hits;
  const found = hits.map(({ at, zone }) => zone && aheadOf(at, batch));
  const late = found.some((ahead) => ahead !== undefined && ahead !== 0) ? lateHosts(batch) : new Set<string>();
  for (const [index, { zone }] of hits.entries()) if (zone && found[index] === undefined) late.add(hostIn(zone.writer));
  return hits.map((hit, index) => {
    const { zone, ...rest } = hit;
    const ahead = found[index];
    if (!zone) return hit;
    if (ahead === undefined || (ahead !== 0 && late.has(hostIn(zone.writer)))) return rest;
    return { ...rest, at: hit.at - ahead, zone: { writer: zone.writer, ahead } };
  });
}

const WRITER = new RegExp(`^(?:${HEAD}(?<short>${HOST} ${PROGRAM})[:[]|<[0-9]{1,3}>1 [^ ]{1,64} (?<long>${HOST} [^ ]{1,128}) )`);

/** The host and the program in a line in a usual form (see usualForm), decoded: `mx postfix/smtpd`. Empty when the line has none. */
export function writerOf(text: string): string {
  const { short, long = short } = WRITER.exec(text)?.groups ?? {};
  return Buffer.from(long ?? '', 'latin1').toString('utf8');
}

function hostIn(writer: string): string {
  return writer.split(' ', 1)[0] ?? '';
}

/** The hosts that have a late line among the first and the last lines of a batch. Only a date without an offset from UTC counts. */
function lateHosts(batch: Written & Pick<Batch, 'bytes'>): Set<string> {
  const late = new Set<string>();
  for (const start of sampleOf(batch.bytes)) {
    const line = batch.bytes.toString('latin1', start, start + LONGEST).split('\n', 1)[0] ?? '';
    const stamp = parseTimestamp(line, batch.at);
    if (stamp?.local === true && aheadOf(stamp.at, batch) === undefined) late.add(hostIn(writerOf(usualForm(line))));
  }
  return late;
}

/** The offsets at which the first and the last lines of a batch begin. */
function sampleOf(bytes: Buffer): ReadonlySet<number> {
  const starts = new Set<number>();
  for (let start = 0; start < bytes.length && starts.size < SAMPLE;) {
    starts.add(start);
    const newline = bytes.indexOf(NEWLINE, start);
    start = newline < 0 ? bytes.length : newline + 1;
  }
  let end = bytes.length;
  for (let count = 0; count < SAMPLE && end > 0; count += 1) {
    end = end < 2 ? 0 : bytes.lastIndexOf(NEWLINE, end - 2) + 1;
    starts.add(end);
  }
  return starts;
}
