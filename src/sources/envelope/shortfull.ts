// Reads the lines of `journalctl -o short-full` and `-o with-unit`, whose dates have the abbreviation of a zone, and rewrites them with an
// offset: `Wed 2026-11-25 01:03:16 CET mx postfix/smtpd[18531]: MESSAGE`.
import { parseTimestamp } from '../../lib/text/timestamp.ts';
import type { Millis } from '../../words/ports.ts';
import type { Unwrapped } from '../../words/walk.ts';

const LINE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<day>\d{4}-\d\d-\d\d) (?<time>\d\d:\d\d:\d\d(?:\.\d{1,6})?) (?:(?<zone>[A-Z][A-Za-z]{1,4})|(?<offset>[+-]\d\d(?:\d\d)?)) (?<host>[^ [\]<>]{1,255}) (?<rest>.*)$/s;

/** The unit of Postfix in place of the program (`with-unit`): `postfix.service`, or `postfix@-.service` and other instances on Debian. */
const UNIT = /^postfix(?:@[A-Za-z0-9_.:\\-]{1,128})?\.service\[(?<pid>\d{1,10})\]: (?<message>.*)$/s;

/** Abbreviations of zones with their hours ahead of UTC, as tzdata has them. Some abbreviations belong to several zones. */
const ZONES: ReadonlyMap<string, readonly number[]> = new Map(
  (
    'UTC=0 GMT=0 WET=0 WEST=1 BST=1 CET=1 CEST=2 MET=1 MEST=2 EET=2 EEST=3 MSK=3 IST=5.5/2/1 IDT=3 SAST=2 CAT=2 ' +
    'WAT=1 EAT=3 PKT=5 WIB=7 WITA=8 WIT=9 HKT=8 JST=9 KST=9 CST=-6/8/-5 CDT=-5/-4 EST=-5 EDT=-4 MST=-7 MDT=-6 ' +
    'PST=-8/8 PDT=-7 AKST=-9 AKDT=-8 HST=-10 AST=-4 ADT=-3 NST=-3.5 NDT=-2.5 SST=-11 ChST=10 AEST=10 AEDT=11 ' +
    'ACST=9.5 ACDT=10.5 AWST=8 NZST=12 NZDT=13'
  )
    .split(' ')
    .map((zone): [string, number[]] => [zone.replace(/=.*/, ''), zone.replace(/^.*=/, '').split('/').map(Number)]),
);

/**
 * The line with a date of ISO 8601; undefined for a line in another form. A line with an unknown zone is returned without its date, and so counts
 * as a line whose date cannot be read. `with-unit` does not show the program, so its line gets the name `postfix` in the form of RFC 5424: a line
 * with this name is a hit only if its message begins like a message of smtpd.
 */
export function openShortFull(text: string): Unwrapped | undefined {
  const { day, time, zone, offset, host = '', rest = '' } = (text[8] === '-' && LINE.exec(text)?.groups) || {};
  if (day === undefined || time === undefined) return undefined;
  const wall = `${day}T${time}`;
  const at = parseTimestamp(`${wall}${offset ?? 'Z'}`, 0)?.at;
  const ahead = zone === undefined ? 0 : aheadOf(zone, at ?? 0);
  const instant = at === undefined || ahead === undefined ? undefined : at - ahead;
  const { pid, message } = UNIT.exec(rest)?.groups ?? {};
  if (pid === undefined || message === undefined)
    return { text: instant === undefined ? rest : `${new Date(instant).toISOString()} ${host} ${rest}` };
  return { text: `<22>1 ${instant === undefined ? '-' : new Date(instant).toISOString()} ${host} postfix ${pid} - - ${message}` };
}

/** Milliseconds that a zone is ahead of UTC. Of several zones with one abbreviation, the zone of this process at the wall time counts. */
function aheadOf(zone: string, wall: Millis): Millis | undefined {
  const ahead = (ZONES.get(zone) ?? []).map((hours) => hours * 3_600_000);
  if (ahead.length < 2) return ahead[0];
  return ahead.find((one) => -new Date(wall - one).getTimezoneOffset() * 60_000 === one);
}
