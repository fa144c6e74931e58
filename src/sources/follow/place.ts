// How far a file has been read, and how to know it again: as the same file by its identity, as the same bytes by what was read of it.
import { hash } from 'node:crypto';
import { readSync, type BigIntStats } from 'node:fs';
import type { Millis } from '../../types.ts';

/** What tells one file from another. Inode numbers are used again at once on ext4, so the time of birth belongs to it (0 where there is none). */
export interface Identity {
  readonly dev: string;
  readonly ino: string;
  /** Nanoseconds since 1970. */
  readonly birth: string;
}

/** Where reading stopped, after a whole line: the text of it is the cursor of a batch. */
export interface Cursor extends Identity {
  readonly offset: number;
  /** Of the bytes before the offset: see fingerprintOf. */
  readonly fingerprint: string;
  /** When it was made. */
  readonly at: Millis;
}

/** So many bytes before the place must still be what was read. It takes in a whole line, so that a line of the same form is not enough. */
const REMEMBERED = 1024;

const NOTHING = Buffer.alloc(0);

/** The identity of a file in one word. */
export function keyOf(file: Identity): string {
  return `${file.dev}:${file.ino}:${file.birth}`;
}

/** The identity in what stat(2) said. */
export function identityOf(stats: BigIntStats): Identity {
  return { dev: String(stats.dev), ino: String(stats.ino), birth: String(stats.birthtimeNs) };
}

/** A place in a file, with the bytes right before it and the first ones of the file. */
export class Place {
  #offset = 0;
  #recent: Buffer = NOTHING;
  #head: Buffer = NOTHING;

  /** The place at an offset of an open file; what is before it is read from there. */
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

  /** Where a read must begin, so that `fresh` can see whether the file is still the one that was read. */
  get readFrom(): number {
    return this.#offset - this.#recent.length;
  }

  /** Of what was read from `readFrom`: the bytes after the place; undefined when those before it are not the ones remembered. */
  fresh(chunk: Buffer): Buffer | undefined {
    const known = this.#recent.length;
    return chunk.length >= known && chunk.subarray(0, known).equals(this.#recent) ? chunk.subarray(known) : undefined;
  }

  /** Goes on behind bytes that were read. */
  advance(fresh: Buffer): void {
    if (this.#head.length < REMEMBERED) this.#head = Buffer.concat([this.#head, fresh.subarray(0, REMEMBERED - this.#head.length)]);
    this.#recent = lastOf(this.#recent, fresh);
    this.#offset += fresh.length;
  }

  /** The cursor for the first `length` of the bytes that `advance` will be told of next. */
  cursor(identity: Identity, fresh: Buffer, length: number, at: Millis): Cursor {
    const fingerprint = fingerprintOf(lastOf(this.#recent, fresh.subarray(0, length)));
    return { dev: identity.dev, ino: identity.ino, birth: identity.birth, offset: this.#offset + length, fingerprint, at };
  }

  /** Whether another open file holds the same bytes before the place. */
  isIn(fd: number): boolean {
    return readAt(fd, this.readFrom, this.#recent.length).equals(this.#recent);
  }

  /** Whether another open file of that size begins as this one does, as far as both are known. */
  beginsLike(fd: number, size: number): boolean {
    return beginAlike(fd, size, this.#head);
  }
}

/** Whether a file of that size begins with these bytes, or they with it; two of which one is empty do not. */
export function beginAlike(fd: number, size: number, head: Buffer): boolean {
  const length = Math.min(size, head.length, REMEMBERED);
  return length > 0 && readAt(fd, 0, length).equals(head.subarray(0, length));
}

/** The first bytes of an open file. */
export function headOf(fd: number): Buffer {
  return readAt(fd, 0, REMEMBERED);
}

/** The place that a cursor speaks of, when it is in this open file. */
export function placeOf(fd: number, size: number, cursor: Cursor): Place | undefined {
  if (size < cursor.offset) return undefined;
  const before = Math.min(cursor.offset, REMEMBERED);
  return fingerprintOf(readAt(fd, cursor.offset - before, before)) === cursor.fingerprint ? Place.in(fd, cursor.offset) : undefined;
}

/** The cursor of a log that is not there: whatever comes is to be read from its start. */
export function nowhere(at: Millis): Cursor {
  return { dev: '', ino: '', birth: '', offset: 0, fingerprint: fingerprintOf(NOTHING), at };
}

/** The last bytes (as many as a fingerprint is made of) of what is before and what comes. */
export function lastOf(before: Buffer, next: Buffer): Buffer {
  if (next.length >= REMEMBERED) return Buffer.from(next.subarray(-REMEMBERED));
  return Buffer.concat([before, next]).subarray(-REMEMBERED);
}

/** 16 hexadecimal digits for the (at most 1024) bytes before an offset. */
export function fingerprintOf(bytes: Buffer): string {
  return hash('sha256', bytes).slice(0, 16);
}

/** Reads the text of a cursor; undefined when it is none, as after a change of the configuration. */
export function parseCursor(text: string): Cursor | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isCursor(value) ? value : undefined;
}

/** Whether a value out of JSON is a cursor. */
export function isCursor(value: unknown): value is Cursor {
  if (typeof value !== 'object' || value === null) return false;
  const { dev, ino, birth, offset, fingerprint, at } = value as Record<string, unknown>;
  const texts = [dev, ino, birth, fingerprint].every((text) => typeof text === 'string');
  return texts && typeof at === 'number' && typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0;
}

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
