// Takes off the JSON envelopes of rsyslog and syslog-ng, and of programs that ship logs: finds message, date, host and program by their usual
// names, and writes them as a line of RFC 5424.
import { parseTimestamp } from '../../lib/text/timestamp.ts';
import type { Millis } from '../../words/ports.ts';
import type { Unwrapped } from '../../words/walk.ts';
import { writtenAt } from './instant.ts';
import { lineIn, textIn, type Members } from './object.ts';

/** Names of the message. */
const MESSAGE = ['message', 'MESSAGE', 'msg', 'MSG', '@message', 'log', 'short_message'];

/** Names of the date; the time at which the program wrote the line comes before the time at which the line was received. */
const DATE = (
  'timereported timestamp @timestamp TIMESTAMP ISODATE isodate S_ISODATE DATE date time TIME datetime eventtime ' +
  'ts UNIXTIME timegenerated R_ISODATE'
).split(' ');

const HOST = ['hostname', 'HOST', 'host', 'HOSTNAME', 'FULLHOST', 'syslog_hostname', 'source', 'SOURCE', 'fromhost', 'logsource'];

/** Names of the program. rsyslog cuts `programname` at the slash, so it comes last. */
const PROGRAM = (
  'syslogtag PROGRAM program app-name appname app_name APP-NAME APPNAME SYSLOG_IDENTIFIER syslog_identifier ident ' +
  'programname PROGRAMNAME'
).split(' ');

const PID = ['procid', 'PROCID', 'PID', 'pid', 'process_id', 'syslog_pid', 'SYSLOG_PID'];

/**
 * Names of further texts in an object whose message is a whole line. The text of any other name may be the program, and then the message may begin
 * with text of a client.
 */
const BESIDE: ReadonlySet<string> = new Set([
  ...MESSAGE,
  ...DATE,
  ...HOST,
  ...(
    'stream logtag level LEVEL severity facility priority PRIORITY FACILITY tag type @version path file filename offset input container ' +
    'container_id container_name pod namespace'
  ).split(' '),
]);

/** The texts that a host and a program may have in a line, and a program with its process id as in `syslogtag`. */
const HOST_WORD = /^[^\s[\]<>"]{1,255}$/;
const TAG = /^(?<program>[^\s[\]<>:"]{1,128})(?:\[(?<pid>\d{1,10})\])?:?$/;

/** The names of the fields that journald adds. An object with such a field is refused, because the sender of an entry is checked only in a journal. */
const OF_JOURNAL = /^_{1,2}[A-Z]/;

/** The seconds from 1970 to 2001. For a later instant, the size of a number shows its unit: seconds, milliseconds, microseconds or nanoseconds. */
const FIRST = 1_000_000_000;

/**
 * The line of an object. Undefined for an object without a message or with several messages, for a host or a program that cannot stand in a
 * line, and for an entry of the journal. `outer`: the date of an envelope around the object, which counts.
 */
export function openMembers(members: Members, near: Millis, outer?: Millis): Unwrapped | undefined {
  if ([...members.keys()].some((name) => OF_JOURNAL.test(name))) return undefined;
  const messages = new Set(MESSAGE.flatMap((name) => textIn(members, name) ?? []));
  const [text] = messages;
  const message = text === undefined || messages.size > 1 ? undefined : lineIn(text);
  if (message === undefined) return undefined;
  const { at, local } = outer === undefined ? stampIn(members, near) : { at: outer, local: false };
  const tag = firstOf(members, PROGRAM);
  // Without a program, the message is a whole line.
  if (tag === undefined && [...members.keys()].some((name) => textIn(members, name) !== undefined && !BESIDE.has(name)))
    return undefined;
  if (tag === undefined) return at === undefined ? { text: message } : writtenAt(message, at);
  const { program, pid } = TAG.exec(tag)?.groups ?? {};
  const host = hostIn(members);
  if (program === undefined || host === undefined) return undefined;
  const date = at === undefined ? '-' : isoOf(at, local);
  const names = Buffer.from(`${host} ${program}`, 'utf8').toString('latin1');
  return { text: `<22>1 ${date} ${names} ${pid ?? pidIn(members)} - - ${message.replace(/^ {1,3}/, '')}` };
}

/** The date of an object; undefined for an object whose first known date cannot be read. A date without a year is read near `near`. */
export function dateIn(members: Members, near: Millis): Millis | undefined {
  return stampIn(members, near).at;
}

/** The date of an object, see dateIn. `local`: it has no offset, so its program may have another time zone than this process. */
function stampIn(members: Members, near: Millis): { readonly at: Millis | undefined; readonly local: boolean } {
  const name = DATE.find((one) => typeof members.get(one) === 'string' || typeof members.get(one) === 'number');
  const value = name === undefined ? undefined : members.get(name);
  if (typeof value === 'number') return { at: instantIn(value), local: false };
  if (typeof value !== 'string') return { at: undefined, local: false };
  const number = /^\d{9,16}(?:\.\d{1,9})?$/.test(value) ? Number(value) : undefined;
  if (number !== undefined) return { at: instantIn(number), local: false };
  const stamp = parseTimestamp(value, near);
  return stamp?.length === value.length ? stamp : { at: undefined, local: false };
}

/** An instant in ISO 8601. A local date stays one without an offset, because the filters correct such a date in a line that is new. */
function isoOf(at: Millis, local: boolean): string {
  if (!local) return new Date(at).toISOString();
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, -1);
}

/** The instant of a number of seconds, milliseconds, microseconds or nanoseconds since 1970. */
function instantIn(number: number): Millis | undefined {
  const unit = [1000, 1, 0.001, 0.000_001].find((factor) => number * factor >= FIRST * 1000 && number * factor < FIRST * 100_000);
  return unit === undefined ? undefined : Math.floor(number * unit);
}

function firstOf(members: Members, names: readonly string[]): string | undefined {
  const name = names.find((one) => textIn(members, one) !== undefined);
  return name === undefined ? undefined : textIn(members, name);
}

/** `-` for an object without a host; undefined for a host that cannot stand in a line. Elastic writes `"host": {"name": "mx"}`. */
function hostIn(members: Members): string | undefined {
  const nested = members.get('host');
  const named =
    typeof nested === 'object' && nested !== null && Object.hasOwn(nested, 'name') ? (nested as { name: unknown }).name : '-';
  const host = firstOf(members, HOST) ?? named;
  return typeof host === 'string' && HOST_WORD.test(host) ? host : undefined;
}

/** The process id, which is a number or a text; 0 for an object without one. */
function pidIn(members: Members): string {
  const value = PID.map((name) => members.get(name)).find((one) => typeof one === 'string' || typeof one === 'number');
  return /^\d{1,10}$/.test(String(value)) ? String(value) : '0';
}
