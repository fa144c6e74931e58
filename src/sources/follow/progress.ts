// Keeps the progress in one file: the place up to which it has been read, and its unfinished last line.
import { fstatSync } from 'node:fs';
import type { Millis } from '../../words/ports.ts';
import { WholeLines, withoutNuls } from '../lines.ts';
import { Place, type Cursor, type Identity } from './place.ts';

/** Whole lines, and the cursor after the last of them. */
export interface Lines {
  readonly bytes: Buffer;
  readonly cursor: Cursor;
  /** See `Batch.writtenAfter`. */
  readonly writtenAfter?: Millis | undefined;
}

/** Where the next read begins: an offset in an open file. */
export interface Position {
  readonly fd: number;
  readonly offset: number;
}

/** The result of a read. */
export interface Step {
  /** Whole lines that are to be delivered. */
  readonly lines?: Lines | undefined;
  /** True when there may be more bytes to read at once. */
  readonly more: boolean;
}

const NOTHING = Buffer.alloc(0);
const NEWLINE = 0x0a;

interface ProgressOptions {
  readonly place?: Place;
  readonly truncated?: boolean;
  readonly copy?: Progress | undefined;
  readonly ended?: Millis | undefined;
  readonly beginsInLine?: boolean;
}

/** Turns the new bytes of one file into whole lines. */
export class Progress {
  #place: Place;
  readonly #lines: WholeLines;
  #skipsNuls: boolean;
  /** The progress in the copy of the file, which was made when the file was truncated. */
  #copy: Progress | undefined;
  /** True when the unfinished line goes on in the truncated file. */
  #goesOn = false;
  /** The last instant at which the file had no byte behind the place. Undefined: no such instant is known. */
  #ended: Millis | undefined;
  /** True until the end of the line with which the file begins has been read, if the start of this line is not in the file. */
  #inLine: boolean;

  /**
   * `cut` is called for each line that is too long to be kept whole. `truncated` means that the file was truncated to size zero. After
   * copytruncate, a writer without O_APPEND keeps its offset and leaves a sparse hole, which reads as NULs. These NULs are skipped. `copy`: an
   * unfinished line at the end of the copy goes on in the file. Its second half is text of a client, and must not be read as a line. `ended`:
   * an instant at which the file had no byte behind the place.
   * `beginsInLine`: a line was unfinished when the file was truncated, and there is no copy. The file begins with the second half of this line,
   * which is skipped.
   */
  constructor(
    cut: () => void,
    { place = new Place(), truncated = false, copy, ended, beginsInLine = false }: ProgressOptions = {},
  ) {
    this.#place = place;
    this.#lines = new WholeLines(cut);
    this.#skipsNuls = truncated;
    this.#copy = copy;
    this.#ended = ended;
    this.#inLine = beginsInLine;
    if (copy) copy.#goesOn = true;
  }

  /** The place up to which the file was read. */
  get place(): Place {
    return this.#place;
  }

  /**
   * Moves the place to its new offset in a file that was rewritten without its oldest lines, see `Place.shiftedIn`. Returns false, and does
   * not move the place, in any other file.
   */
  shift(fd: number): boolean {
    const place = this.#place.shiftedIn(fd);
    if (place) {
      this.#place = place;
      this.#goesOn = false;
    }
    return place !== undefined;
  }

  /** True when another file holds the bytes before the place. In a file without the oldest lines, the place moves as in `shift`. */
  goesOnIn(fd: number, size: number): boolean {
    const place = this.#place;
    return (size >= place.offset && place.beginsLike(fd, size) && place.isIn(fd)) || this.shift(fd);
  }

  /** True when the open file of this progress has been read to its end. */
  isAtEnd(fd: number): boolean {
    return fstatSync(fd).size === this.#place.offset && this.#place.isIn(fd);
  }

  /** True while the last line that was read has no newline yet. */
  get unfinished(): boolean {
    return this.#lines.unfinished;
  }

  /** See `Place.newBytesIn`. A chunk without new bytes, read at the instant `now`, shows that the file ends at the place. */
  newBytesIn(chunk: Buffer, now: Millis): Buffer | undefined {
    const newBytes = this.#place.newBytesIn(chunk);
    if (newBytes?.length === 0) this.#ended = now;
    return newBytes;
  }

  /**
   * Moves the place behind new bytes of the file, which were read at the instant `now`, and returns the lines that they complete. Undefined:
   * they complete no line. `full`: further bytes may follow them.
   */
  take(newBytes: Buffer, identity: Identity, now: Millis, full = false): Lines | undefined {
    const writtenAfter = this.#ended;
    if (!full) this.#ended = now;
    const start = this.#takeStart();
    if (start) this.#lines.feed(start.subarray(0, -1));
    const parts = this.#lines.feed(this.#withoutHalf(this.#skipsNuls ? withoutNuls(newBytes) : newBytes));
    const length = newBytes.lastIndexOf(NEWLINE) + 1;
    const cursor = length > 0 ? this.place.cursor(identity, newBytes, length, now) : undefined;
    this.place.advance(newBytes);
    if (cursor) this.#skipsNuls = false;
    return cursor && parts.length > 0 ? { bytes: Buffer.concat(parts), cursor, writtenAfter } : undefined;
  }

  /** Returns the unfinished last line of a file that reading leaves. Undefined: there is no unfinished line. */
  takeRest(identity: Identity, now: Millis): Lines | undefined {
    const bytes = this.#goesOn ? undefined : (this.#takeStart() ?? this.#lines.flush());
    return bytes && { bytes, cursor: this.place.cursor(identity, NOTHING, 0, now) };
  }

  /** The bytes without the second half of a line with which the file begins. */
  #withoutHalf(bytes: Buffer): Buffer {
    if (!this.#inLine) return bytes;
    const end = bytes.indexOf(NEWLINE);
    this.#inLine = end < 0;
    return end < 0 ? NOTHING : bytes.subarray(end + 1);
  }

  /** Returns the unfinished line of the copy at the first call, and undefined at each later call. */
  #takeStart(): Buffer | undefined {
    const copy = this.#copy;
    this.#copy = undefined;
    return copy ? copy.#lines.flush() : undefined;
  }
}
