// Splits a stream of bytes into lines of text.
import { UsageError } from '../../errors.ts';

const NEWLINE = 0x0a;

/** Splits bytes that arrive in pieces into lines. Keeps only the unfinished line in memory. */
export class LineSplitter {
  readonly #longest: number;
  readonly #advice: string;
  #unfinished: Buffer[] = [];
  #length = 0;

  /** `longest`: bytes of the longest line. `advice`: the end of the message about a longer line. */
  constructor(longest: number, advice: string) {
    this.#longest = longest;
    this.#advice = advice;
  }

  /** The lines that end in this piece, without their newlines. Throws UsageError for a line that is too long. */
  add(piece: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      this.#hold(piece.subarray(from, end));
      lines.push(this.rest());
      from = end + 1;
    }
    this.#hold(piece.subarray(from));
    return lines;
  }

  /** Returns the text after the last newline, and forgets it. */
  rest(): string {
    const text = Buffer.concat(this.#unfinished, this.#length).toString('utf8');
    this.#unfinished = [];
    this.#length = 0;
    return text;
  }

  #hold(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > this.#longest) throw new UsageError(`a line of more than ${this.#longest / 1024} KiB, ${this.#advice}`);
    if (bytes.length > 0) this.#unfinished.push(bytes);
  }
}
