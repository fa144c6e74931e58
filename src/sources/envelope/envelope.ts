// The entry point of this folder: takes the envelopes off the lines of a log. An envelope is the text that another program than syslogd has put
// around a line: the JSON record of a container, the date of a container runtime, the name of a container. It is found only at the start of a
// line, which no client writes.
import type { Millis } from '../../words/ports.ts';
import type { Batch, Envelopes, Unwrapped } from '../../words/walk.ts';
import type { EnvelopeKind } from '../options.ts';
import { openStamped, withoutName } from './compose.ts';
import { criHead, openCri } from './cri.ts';
import { isDocker, openDocker } from './docker.ts';
import { openMembers } from './members.ts';
import { readObject, type Members } from './object.ts';
import { Parts } from './parts.ts';
import { openShortFull } from './shortfull.ts';

const BRACE = 0x7b;

/** The number of bytes of a line that are read. Escapes can make a line of 2 KiB six times as long. */
const LONGEST = 65_536;

/** The maximum number of logs whose unfinished lines are remembered. */
const MOST_LOGS = 1000;

const NONE: ReadonlySet<number> = new Set();

/** Envelopes of one kind, or of any kind, in the logs of one source. */
export class Envelope {
  readonly #kind: EnvelopeKind;
  /** The logs whose last record was a part of a line. */
  readonly #unfinished = new Map<string, Parts>();

  /**
   * With the kind `auto`, an envelope of any kind is taken off, and a line without an envelope stays as it is. With another kind, a line without
   * an envelope of this kind is left out.
   */
  constructor(kind: EnvelopeKind) {
    this.#kind = kind;
  }

  /** Returns the envelopes of the next batch of a log; undefined for the kind `none`. The result is valid as long as the bytes of the batch. */
  of({ source, log = source, bytes, before, at }: Omit<Batch, 'cursor'>): Envelopes | undefined {
    const kind = this.#kind;
    if (kind === 'none') return undefined;
    const parts = this.#unfinished.get(log) ?? new Parts();
    this.#unfinished.delete(log);
    if (before) parts.continued(before);
    const head = bytes.toString('latin1', 0, 128).replace(BEFORE, '');
    const ofContainer = kind === 'docker' || kind === 'cri' || head.startsWith('{') || criHead(head) !== undefined;
    const continued = ofContainer || parts.open ? parts.continued(bytes) : NONE;
    if (parts.open) this.#remember(log, parts);
    let escaped: boolean | undefined;
    return {
      // Every envelope may hold a line of JSON, and with `auto` any line of the batch may be one.
      get escaped() {
        return (escaped ??= kind !== 'auto' || bytes.includes(BRACE));
      },
      open: (start, end) => (continued.has(start) ? undefined : unwrap(kind, bytes, start, Math.min(end, start + LONGEST), at)),
    };
  }

  #remember(log: string, parts: Parts): void {
    this.#unfinished.set(log, parts);
    const [oldest] = this.#unfinished.keys();
    if (this.#unfinished.size > MOST_LOGS && oldest !== undefined) this.#unfinished.delete(oldest);
  }
}

/** The bytes that may stand before the first line of a log: a byte order mark, and the NULs that a power failure leaves. */
const BEFORE = /^\0{0,128}(?:\xef\xbb\xbf)?/;

/**
 * The start of a line without the name that Docker Compose puts before it. `head`: the first bytes of the line. The date of a line stands at
 * the start of the result, unless the line is a JSON object.
 */
export function datedStart(head: string): string {
  return withoutName(head) ?? head;
}

function unwrap(kind: EnvelopeKind, bytes: Buffer, start: number, end: number, near: Millis): Unwrapped | undefined {
  const text = bytes.toString('latin1', bytes[start] === 0xef ? start + 3 : start, end);
  if (kind === 'auto') return unwrapAny(text, near);
  if (kind === 'cri') return nested(cri(text), near);
  if (kind === 'compose') return nested(compose(text), near);
  const members = objectIn(text);
  if (!members) return undefined;
  if (kind === 'docker') return isDocker(members) ? nested(openDocker(members, near), near) : undefined;
  return openMembers(members, near);
}

/**
 * Takes off an envelope of any kind. A line without an envelope is returned as it is. The first character decides which forms are tried, because
 * this function is called for each hit of a plain log.
 */
function unwrapAny(text: string, near: Millis): Unwrapped | undefined {
  if (PLAIN.test(text)) return { text };
  const members = objectIn(text);
  if (members) return isDocker(members) ? nested(openDocker(members, near), near) : openMembers(members, near);
  const first = text.charCodeAt(0);
  if (first < ZERO || first > NINE) return nested(compose(text), near) ?? openShortFull(text) ?? { text };
  const head = criHead(text);
  if (head) return nested(openCri(head, text), near);
  return nested(compose(text), near) ?? { text };
}

/** The start of a line of syslogd (RFC 3164), which is no envelope. */
const PLAIN = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /;

/** The first and the last digit: the dates of Docker and of container runtimes begin with one. */
const ZERO = 0x30;
const NINE = 0x39;

function cri(text: string): Unwrapped | undefined {
  const head = criHead(text);
  return head && openCri(head, text);
}

function compose(text: string): Unwrapped | undefined {
  const inner = withoutName(text);
  if (inner === undefined) return openStamped(text);
  return openStamped(inner) ?? { text: inner };
}

/** Takes off the second envelope, if the line in an envelope is a JSON object. The date of the first envelope counts. */
function nested(line: Unwrapped | undefined, near: Millis): Unwrapped | undefined {
  const members = line && objectIn(line.text);
  return members ? openMembers(members, near, line?.at) : line;
}

/** The members of a line that is a JSON object. `text` has one character for each byte. */
function objectIn(text: string): Members | undefined {
  return text.startsWith('{') ? readObject(Buffer.from(text, 'latin1').toString('utf8')) : undefined;
}
