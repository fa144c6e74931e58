// Splits chunks of bytes into whole lines, at the byte 0x0a only. No other character ends a line.

/** The number of bytes that are kept of a line that spans several chunks. Postfix writes at most 2000 bytes (its line_length_limit is 2048). */
export const LINE_LIMIT = 65_536;

const NEWLINE = 0x0a;
const END_OF_LINE = Buffer.from('\n');

/** Collects whole lines from chunks. Keeps the unfinished line until the next chunk, at most `limit` bytes of it. */
export class WholeLines {
  readonly #limit: number;
  readonly #cut: () => void;
  #rest: Buffer[] = [];
  #length = 0;
  /** True when the unfinished line has reached the limit. Its further bytes are dropped. */
  #dropping = false;

  /** `cut` is called once for each line that loses its bytes beyond `limit`. */
  constructor(cut: () => void, limit = LINE_LIMIT) {
    this.#cut = cut;
    this.#limit = limit;
  }

  /**
   * Returns the lines that this chunk completes. If a line began in an earlier chunk, this line is the first part. All further lines form
   * one part, which is a view of the chunk and not a copy. The bytes after the last newline are copied and kept.
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

  /** True while the last line has no newline yet. */
  get unfinished(): boolean {
    return this.#length > 0;
  }

  /** Returns the unfinished line with a newline added, and forgets it; undefined when no line is unfinished. */
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

/** Yields each line of a batch, with its newline. */
export function* eachLine(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(NEWLINE, start);
    const next = end < 0 ? bytes.length : end + 1;
    yield bytes.subarray(start, next);
    start = next;
  }
}

/** The number of newlines in a batch. */
export function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** Removes the NUL bytes at the start. */
export function withoutNuls(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(start < 0 ? bytes.length : start);
}
