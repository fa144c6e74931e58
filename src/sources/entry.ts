// One entry of the journal as JSON -> one syslog line, if Postfix sent it: whoever reads lines need know nothing of journals.
import type { Millis } from '../types.ts';

/** An entry as `journalctl --output=json` prints it (systemd's docs/JOURNAL_EXPORT_FORMATS.md). Only fields that begin with `_` are the journal's own word. */
export type Entry = Readonly<Record<string, unknown>>;

/** The programs of Postfix (master(5) and postlogd(8)), as _COMM shows them: at most 15 characters. */
const PROGRAMS = new Set(
  (
    'anvil bounce cleanup discard dnsblog error flush lmtp local master oqmgr pickup pipe postdrop postlogd postscreen proxymap ' +
    'qmgr qmqpd scache showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual'
  ).split(' '),
);

/** Where distributions put them (daemon_directory of postconf(5)). */
const PROGRAM_PATH = /^\/usr\/(?:local\/)?lib(?:exec|64)?\/postfix\/(?:[a-z0-9]+\/)?([a-z-]+)$/;

/** User ids below this belong to the system (login.defs(5)). */
const FIRST_PERSON = 1000;

/** Reads one line of a JSON export; undefined when it is no JSON object. */
export function parseEntry(line: Buffer): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entry) : undefined;
  } catch {
    return undefined;
  }
}

/** Decides whether an entry was sent by Postfix: by the user id of its sender, which the kernel vouches for and logger(1) cannot choose. */
export class Senders {
  readonly #uids: Set<string>;
  readonly #learns: boolean;

  /**
   * `uid` is that of Postfix's mail_owner. Without one it is learned from entries, as from another machine's export: from a program in
   * Postfix's own directory that runs as a user of the system and, where units are known, in a unit of Postfix.
   */
  constructor(uid: number | undefined) {
    this.#uids = new Set(uid === undefined ? [] : [String(uid)]);
    this.#learns = uid === undefined;
  }

  /** True when a user id is known. */
  get known(): boolean {
    return this.#uids.size > 0;
  }

  /** Learns from an entry, if it may. */
  learn(entry: Entry): void {
    const uid = entry['_UID'];
    if (!this.#learns || typeof uid !== 'string' || !isProgram(entry)) return;
    const unit = entry['_SYSTEMD_UNIT'];
    const isOurs = typeof unit !== 'string' || unit.startsWith('postfix');
    if (isOurs && Number(uid) > 0 && Number(uid) < FIRST_PERSON) this.#uids.add(uid);
  }

  /**
   * Whether Postfix sent it. Right user id: unless the journal saw another program. Root (smtpd before it drops its rights, local(8)):
   * only a program in Postfix's directory. A missing _COMM (the sender was gone before the journal looked) is no reason to refuse.
   */
  trusts(entry: Entry): boolean {
    this.learn(entry);
    const { _UID: uid, _COMM: program } = entry;
    if (typeof uid !== 'string') return false;
    if (uid === '0') return isProgram(entry);
    return this.#uids.has(uid) && (program === undefined || (typeof program === 'string' && PROGRAMS.has(program)));
  }
}

function isProgram(entry: Entry): boolean {
  const { _EXE: path, _COMM: name } = entry;
  const found = typeof path === 'string' ? PROGRAM_PATH.exec(path) : null;
  return found?.[1] !== undefined && PROGRAMS.has(found[1].slice(0, 15)) && name === found[1].slice(0, 15);
}

/**
 * The entry as a line `2026-11-25T00:03:16.296505+00:00 HOST NAME[PID]: MESSAGE` with its newline. Control characters in the message come
 * out as rsyslog writes them (`#012`), so it stays one line; names lose all characters with which they could forge what follows them.
 * Undefined when it has no time or no text.
 */
export function lineOf(entry: Entry): Buffer | undefined {
  const time = timeOf(entry);
  const message = bytesOf(entry['MESSAGE']);
  if (time === undefined || message === undefined) return undefined;
  const host = safe(entry['_HOSTNAME'], /[^A-Za-z0-9._:-]/g) || 'localhost';
  const name = safe(entry['SYSLOG_IDENTIFIER'], /[^A-Za-z0-9._/-]/g) || 'unknown';
  const pid = safe(entry['SYSLOG_PID'], /\D/g) || safe(entry['_PID'], /\D/g);
  return Buffer.concat([Buffer.from(`${time} ${host} ${name}${pid && `[${pid}]`}: `), oneLine(message), Buffer.from('\n')]);
}

/** When it was sent; the journal's time of receipt when the sender gave none. */
function timeOf(entry: Entry): string | undefined {
  const { _SOURCE_REALTIME_TIMESTAMP: sent, __REALTIME_TIMESTAMP: received } = entry;
  const micros = typeof sent === 'string' ? sent : received;
  if (typeof micros !== 'string' || !/^\d{7,16}$/.test(micros)) return undefined;
  const millis: Millis = Math.floor(Number(micros) / 1000);
  return `${new Date(millis).toISOString().slice(0, 19)}.${micros.slice(-6)}+00:00`;
}

/** A text, or the array of bytes that stands for one with control characters or invalid UTF-8. A field that was given twice is refused. */
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
