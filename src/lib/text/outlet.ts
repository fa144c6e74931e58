// Writes lines to an output that may not be read for long: nothing waits for the reader, and the memory for waiting lines is bounded.
import type { Writable } from 'node:stream';

/** Bytes that may wait for the reader. */
const MOST_WAITING = 1_048_576;

/** The lines that go to one output. */
export class Outlet {
  readonly #stream: Writable;
  readonly #most: number;
  /** The number of lines that were left out since the last line. */
  #lost = 0;

  constructor(stream: Writable, most = MOST_WAITING) {
    this.#stream = stream;
    this.#most = most;
  }

  /** Writes a line and a newline. While too many bytes wait, leaves the line out. The next line that is written has the number of these lines. */
  write(line: string): void {
    if (this.#stream.writableLength > this.#most) {
      this.#lost += 1;
      return;
    }
    const note = this.#lost > 0 ? `${this.#lost} lines are missing before this line, because no program read them\n` : '';
    this.#lost = 0;
    this.#stream.write(`${note}${line}\n`);
  }
}
