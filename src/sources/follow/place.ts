// A place is the offset up to which a file has been read. The file is recognised later by its identity, and its contents by the bytes
// before the offset.
import { hash } from 'node:crypto';
import { readSync, type BigIntStats } from 'node:fs';
import type { Millis } from '../../words/ports.ts';

/** Identifies a file independently of its name. The time of birth is needed, because ext4 gives a freed inode number to the next new file. */
export interface Identity {
  readonly dev: string;
  readonly ino: string;
  /** Nanoseconds since 1970; 0 on a file system that records no birth time. */
  readonly birth: string;
}

/** The place where reading stopped, after a whole line. Its JSON is the cursor of a batch. */
export interface Cursor extends Identity {
  readonly offset: number;
  /** The fingerprint of the bytes before the offset, see fingerprintOf. */
  readonly fingerprint: string;
  /** When the cursor was made. */
  readonly at: Millis;
  /** An instant at which the file ended at the offset. Absent: no such instant is known. */
  readonly ended?: Millis;
}

/** The number of bytes before an offset that are compared to recognise a file. A single line would not be enough, because many lines end alike. */
export const REMEMBERED = 1024;

/** The number of bytes at the start of a rewritten file that `shiftedIn` searches. */
const MOST_SEARCHED = 16_777_216;

/** The number of bytes at the start of a rewritten file that `shiftedPlaceOf` searches. This takes about 0.1 s. */
const MOST_HASHED = 4_194_304;

const NOTHING = Buffer.alloc(0);
const NEWLINE = 0x0a;

/** The identity of a file as one text, for use as a key. */
export function keyOf(file: Identity): string {
  return `${file.dev}:${file.ino}:${file.birth}`;
}

/** The identity in the result of stat(2). */
export function identityOf(stats: BigIntStats): Identity {
  return { dev: String(stats.dev), ino: String(stats.ino), birth: String(stats.birthtimeNs) };
}

/** An offset in a file, with up to 1024 bytes right before it and the first 1024 bytes of the file. */
export class Place {
  #offset = 0;
  #recent: Buffer = NOTHING;
  #head: Buffer = NOTHING;

  /** Makes the place at an offset of an open file. Reads the bytes before that offset. */
  static in(fd: number, offset: number): Place {
    const place = new Place();
    place.#recent = readAt(fd, Math.max(0, offset - REMEMBERED), Math.min(offset, REMEMBERED));
    place.#head = readAt(fd, 0, Math.min(offset, REMEMBERED));
    place.#offset = offset;
    return place;
  }

  get offset(): number {
    return this.#offset;
  }

  /**
   * The offset at which the next read begins. It is up to 1024 bytes early, so that `newBytesIn` can check whether the file still holds
   * these bytes.
   */
  get readFrom(): number {
    return this.#offset - this.#recent.length;
  }

  /** The whole lines right before the place, at most 1024 bytes of them. */
  get linesBefore(): Buffer {
    const isWhole = this.#offset === this.#recent.length;
    return isWhole ? this.#recent : this.#recent.subarray(this.#recent.indexOf(NEWLINE) + 1 || this.#recent.length);
  }

  /** Returns the bytes after the place from a chunk that was read at `readFrom`. Undefined: the bytes before the place have changed. */
  newBytesIn(chunk: Buffer): Buffer | undefined {
    const known = this.#recent.length;
    return chunk.length >= known && chunk.subarray(0, known).equals(this.#recent) ? chunk.subarray(known) : undefined;
  }

  /** Moves the place behind these new bytes. */
  advance(newBytes: Buffer): void {
    if (this.#head.length < REMEMBERED)
      this.#head = Buffer.concat([this.#head, newBytes.subarray(0, REMEMBERED - this.#head.length)]);
    this.#recent = lastOf(this.#recent, newBytes);
    this.#offset += newBytes.length;
  }

  /** Returns the cursor after the first `length` bytes of `newBytes`. Call it before `advance(newBytes)`. */
  cursor(identity: Identity, newBytes: Buffer, length: number, at: Millis): Cursor {
    const fingerprint = fingerprintOf(lastOf(this.#recent, newBytes.subarray(0, length)));
    return { dev: identity.dev, ino: identity.ino, birth: identity.birth, offset: this.#offset + length, fingerprint, at };
  }

  /**
   * Finds this place in a file that was rewritten without its oldest lines, for example a log with a fixed number of lines. Such a file holds
   * the bytes before this place nearer to its start, or it begins with the last lines of these bytes. Undefined for any other file.
   */
  shiftedIn(fd: number): Place | undefined {
    const text = readAt(fd, 0, Math.min(this.#offset, MOST_SEARCHED));
    const known = this.#recent;
    const at = known.length === 0 ? -1 : text.lastIndexOf(known);
    if (at > 0 && (known.length === REMEMBERED || text[at - 1] === NEWLINE)) return Place.in(fd, at + known.length);
    for (let start = known.indexOf(NEWLINE) + 1; start > 0 && start < known.length; start = known.indexOf(NEWLINE, start) + 1) {
      const last = known.subarray(start);
      if (last.includes(NEWLINE) && text.subarray(0, last.length).equals(last)) return Place.in(fd, last.length);
    }
    return undefined;
  }

  /** True when an open file holds, right before this offset, the bytes that were read there. */
  isIn(fd: number): boolean {
    return readAt(fd, this.readFrom, this.#recent.length).equals(this.#recent);
  }

  /** True when an open file of `size` bytes and the file of this place begin alike: see beginAlike. */
  beginsLike(fd: number, size: number): boolean {
    return beginAlike(fd, size, this.#head);
  }
}

/** Compares an open file of `size` bytes with `head`, at most 1024 bytes. True when one is a prefix of the other and neither is empty. */
export function beginAlike(fd: number, size: number, head: Buffer): boolean {
  const length = Math.min(size, head.length, REMEMBERED);
  return length > 0 && readAt(fd, 0, length).equals(head.subarray(0, length));
}

/** The first 1024 bytes of an open file. */
export function headOf(fd: number): Buffer {
  return readAt(fd, 0, REMEMBERED);
}

/** The place of a cursor in an open file; undefined when the file is shorter, or holds different bytes before the offset. */
export function placeOf(fd: number, size: number, cursor: Cursor): Place | undefined {
  if (size < cursor.offset) return undefined;
  const before = Math.min(cursor.offset, REMEMBERED);
  return fingerprintOf(readAt(fd, cursor.offset - before, before)) === cursor.fingerprint ? Place.in(fd, cursor.offset) : undefined;
}

/**
 * The place of a cursor in a file that was rewritten in place since the cursor was made: see `Place.shiftedIn`. At the end of each line,
 * compares the 1024 bytes before it with the fingerprint. Undefined when no line fits, or when the cursor has fewer bytes before it.
 */
export function shiftedPlaceOf(fd: number, cursor: Cursor): Place | undefined {
  if (cursor.offset < REMEMBERED) return undefined;
  const text = readAt(fd, 0, Math.min(cursor.offset, MOST_HASHED));
  for (let end = text.lastIndexOf(NEWLINE) + 1; end >= REMEMBERED; end = text.lastIndexOf(NEWLINE, end - 2) + 1)
    if (fingerprintOf(text.subarray(end - REMEMBERED, end)) === cursor.fingerprint) return Place.in(fd, end);
  return undefined;
}

/** Makes the cursor for a log that does not exist yet. The first file of that log is read from its start. */
export function cursorOfMissingLog(at: Millis): Cursor {
  return { dev: '', ino: '', birth: '', offset: 0, fingerprint: fingerprintOf(NOTHING), at };
}

/** Joins two buffers, and returns a copy of the last 1024 bytes. */
export function lastOf(before: Buffer, next: Buffer): Buffer {
  if (next.length >= REMEMBERED) return Buffer.from(next.subarray(-REMEMBERED));
  return Buffer.concat([before, next]).subarray(-REMEMBERED);
}

/** The fingerprint of the (at most 1024) bytes before an offset: the first 16 hexadecimal digits of their SHA-256. */
export function fingerprintOf(bytes: Buffer): string {
  return hash('sha256', bytes).slice(0, 16);
}

/** Parses the JSON of a cursor; undefined for any other text, such as the cursor of a source that was configured differently. */
export function parseCursor(text: string): Cursor | undefined {
  const value = parseJson(text);
  return isCursor(value) ? value : undefined;
}

/** Parses JSON; undefined for any other text, such as the cursor of another kind of source. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True when a value parsed from JSON has the fields of a cursor. */
export function isCursor(value: unknown): value is Cursor {
  if (typeof value !== 'object' || value === null) return false;
  const { dev, ino, birth, offset, fingerprint, at } = value as Record<string, unknown>;
  const texts = [dev, ino, birth, fingerprint].every((text) => typeof text === 'string');
  return texts && typeof at === 'number' && typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0;
}

/** Reads up to `length` bytes at an offset; fewer at the end of the file. */
function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
