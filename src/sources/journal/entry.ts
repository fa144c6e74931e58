// Turns one JSON entry of the journal into one syslog line if Postfix sent it, so that filters see only one format.
import type { Millis } from '../../words/ports.ts';

/**
 * An entry as `journalctl --output=json` prints it (systemd's docs/JOURNAL_EXPORT_FORMATS.md). Only the fields that begin with `_` are set
 * by journald; the sender chooses all other fields.
 */
export type JournalEntry = Readonly<Record<string, unknown>>;

/** The programs of Postfix (master(5) and postlogd(8)). The field _COMM has at most the first 15 characters of a name. */
const PROGRAMS = new Set(
  (
    'anvil bounce cleanup discard dnsblog error flush lmtp local master oqmgr pickup pipe postdrop postlogd postscreen proxymap ' +
    'qmgr qmqpd scache showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual'
  ).split(' '),
);

/** Where distributions install these programs (daemon_directory of postconf(5)). */
const PROGRAM_PATH = /^\/usr\/(?:local\/)?lib(?:exec|64)?\/postfix\/(?:[a-z0-9]+\/)?([a-z-]+)$/;

/** User ids below this number belong to system users (login.defs(5)). */
const FIRST_PERSON = 1000;

/** The texts before an entry: a byte order mark, the record separator of `json-seq` (RFC 7464), and `data: ` of `json-sse`. */
// oxlint-disable-next-line no-control-regex -- the record separator
const BEFORE = /^(?:\ufeff|\x1e|data: ?)/;

/** Reads one line of `journalctl --output=json`, `json-seq` or `json-sse`; undefined when it is no JSON object. */
export function parseEntry(line: Buffer): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8').replace(BEFORE, '').replace(BEFORE, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Decides whether Postfix sent an entry, by the user id of the sender. The kernel reports this id, so a sender such as logger(1) cannot
 * choose it.
 */
export class Senders {
  readonly #uids: Set<string>;
  readonly #learns: boolean;

  /**
   * `uid` is the user id of Postfix's mail_owner. When it is undefined, as for an export of another machine, the id is learned from entries.
   * An id is learned only from an entry that a program in Postfix's directory has sent as a system user. If the entry names a unit, the name
   * of the unit must begin with `postfix`.
   */
  constructor(uid: number | undefined) {
    this.#uids = new Set(uid === undefined ? [] : [String(uid)]);
    this.#learns = uid === undefined;
  }

  /** True when a user id is known. */
  get known(): boolean {
    return this.#uids.size > 0;
  }

  /** Learns the user id from an entry, if the constructor got none. */
  learn(entry: JournalEntry): void {
    const uid = entry['_UID'];
    if (!this.#learns || typeof uid !== 'string' || !isProgram(entry)) return;
    const unit = entry['_SYSTEMD_UNIT'];
    const isPostfix = typeof unit !== 'string' || unit.startsWith('postfix');
    if (isPostfix && /^[1-9]\d*$/.test(uid) && Number(uid) < FIRST_PERSON) this.#uids.add(uid);
  }

  /**
   * True when Postfix sent the entry. An entry with the user id of Postfix counts if _COMM names a program of Postfix. It also counts without
   * _COMM, because the sender may have ended before journald could read its name. An entry of root counts only if it comes from a program in
   * Postfix's directory: local(8), and smtpd before it drops its rights, run as root.
   */
  trusts(entry: JournalEntry): boolean {
    this.learn(entry);
    const { _UID: uid, _COMM: program } = entry;
    if (typeof uid !== 'string') return false;
    if (uid === '0') return isProgram(entry);
    return this.#uids.has(uid) && (program === undefined || (typeof program === 'string' && PROGRAMS.has(program)));
  }
}

function isProgram(entry: JournalEntry): boolean {
  const { _EXE: path, _COMM: name } = entry;
  const found = typeof path === 'string' ? PROGRAM_PATH.exec(path) : null;
  return found?.[1] !== undefined && PROGRAMS.has(found[1].slice(0, 15)) && name === found[1].slice(0, 15);
}

/**
 * Returns the entry as a line `2026-11-25T00:03:16.296505+00:00 HOST NAME[PID]: MESSAGE` with its newline. Control characters of the message
 * are escaped as rsyslog escapes them (`#012`), so that the message stays on one line. Characters that could forge later fields are removed
 * from host and name. Undefined for an entry without time or message.
 */
export function lineOf(entry: JournalEntry): Buffer | undefined {
  const time = timeOf(entry);
  const message = bytesOf(entry['MESSAGE']);
  if (time === undefined || message === undefined) return undefined;
  const host = safe(entry['_HOSTNAME'], /[^A-Za-z0-9._:-]/g) || 'localhost';
  const name = safe(entry['SYSLOG_IDENTIFIER'], /[^A-Za-z0-9._/-]/g) || 'unknown';
  const pid = safe(entry['SYSLOG_PID'], /\D/g) || safe(entry['_PID'], /\D/g);
  return Buffer.concat([Buffer.from(`${time} ${host} ${name}${pid && `[${pid}]`}: `), oneLine(message), Buffer.from('\n')]);
}

/** Returns the time at which the entry was sent. If the entry has none, returns the time at which journald received it. */
function timeOf(entry: JournalEntry): string | undefined {
  const { _SOURCE_REALTIME_TIMESTAMP: sent, __REALTIME_TIMESTAMP: received } = entry;
  const micros = typeof sent === 'string' ? sent : received;
  if (typeof micros !== 'string' || !/^\d{7,16}$/.test(micros)) return undefined;
  const millis: Millis = Math.floor(Number(micros) / 1000);
  return `${new Date(millis).toISOString().slice(0, 19)}.${micros.slice(-6)}+00:00`;
}

/**
 * Returns the bytes of a field. Its value is a text or, with control characters or invalid UTF-8, an array of bytes. A field that was sent
 * twice, which journald turns into a list of its values, is refused.
 */
function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (!Array.isArray(value)) return undefined;
  return value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255) ? Buffer.from(value as number[]) : undefined;
}

function safe(value: unknown, unsafe: RegExp): string {
  return typeof value === 'string' ? value.slice(0, 255).replaceAll(unsafe, '') : '';
}

function oneLine(message: Buffer): Buffer {
  if (!message.some(isControl)) return message;
  const escaped = [...message].flatMap((byte) =>
    isControl(byte) ? [...Buffer.from(`#${byte.toString(8).padStart(3, '0')}`)] : [byte],
  );
  return Buffer.from(escaped);
}

function isControl(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f;
}
