// Chunks of bytes -> whole lines. Split at the byte 0x0a only: no other character, decoded or not, ends a line.

/** Of a line that does not fit into one chunk only so many bytes are kept; Postfix writes 2000 at most (its line_length_limit is 2048). */
export const LINE_LIMIT = 65_536;

const NEWLINE = 0x0a;
const END_OF_LINE = Buffer.from('\n');

/** Keeps the unfinished line between chunks, in bounded memory. */
export class LineSplitter {
  readonly #limit: number;
  readonly #cut: () => void;
  #rest: Buffer[] = [];
  #length = 0;
  /** The unfinished line is over the limit already: what comes is dropped until it ends. */
  #dropping = false;

  /** `cut` is called once for each line that is over `limit` bytes and loses what is beyond. */
  constructor(cut: () => void, limit = LINE_LIMIT) {
    this.#cut = cut;
    this.#limit = limit;
  }

  /**
   * The lines that this chunk ends: the unfinished one, if there was any, by itself; then the others, as one part of the chunk itself,
   * which is not copied. What follows the last newline is kept (copied) for the next chunk.
   */
  feed(chunk: Buffer): Buffer[] {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      this.#keep(chunk);
      return [];
    }
    const parts: Buffer[] = [];
    let start = 0;
    if (this.#length > 0) {
      const first = chunk.indexOf(NEWLINE);
      this.#keep(chunk.subarray(0, first));
      parts.push(this.#take());
      start = first + 1;
    }
    if (start <= last) parts.push(chunk.subarray(start, last + 1));
    this.#keep(chunk.subarray(last + 1));
    return parts;
  }

  /** The last line, when it has no newline, with one; undefined when there is none. */
  flush(): Buffer | undefined {
    return this.#length > 0 ? this.#take() : undefined;
  }

  #take(): Buffer {
    const line = Buffer.concat([...this.#rest, END_OF_LINE]);
    this.#rest = [];
    this.#length = 0;
    this.#dropping = false;
    return line;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0 || this.#dropping) return;
    const kept = bytes.subarray(0, this.#limit - this.#length);
    if (kept.length > 0) this.#rest.push(Buffer.from(kept));
    this.#length += kept.length;
    if (kept.length === bytes.length) return;
    this.#dropping = true;
    this.#cut();
  }
}

/** Each line of a batch of whole lines, with its newline. */
export function* eachLine(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(NEWLINE, start);
    const next = end < 0 ? bytes.length : end + 1;
    yield bytes.subarray(start, next);
    start = next;
  }
}

/** How many lines a batch holds. */
export function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** The bytes behind the NULs that they begin with. */
export function withoutNuls(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(start < 0 ? bytes.length : start);
}
