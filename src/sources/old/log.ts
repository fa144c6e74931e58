// The entry point of this folder: reads one old log or standard input as whole lines, each with the time near which it was written.
import type { Millis } from '../../words/ports.ts';
import { lineOf, parseEntry, Senders } from '../journal/journal.ts';
import { eachLine, LINE_LIMIT, WholeLines } from '../lines.ts';
import { openChunks, type Chunks } from './chunks.ts';
import { findMarks, Dating } from './dating.ts';
import type { Mark } from './years.ts';

export { openChunks, type Chunks, type Input } from './chunks.ts';

/** The contents of a log: syslog lines, or entries of `journalctl --output=json`. With `auto`, the first character of the log decides. */
export type ArchiveFormat = 'auto' | 'syslog' | 'journal';

/** Options for reading an old log. */
export interface OldLogOptions {
  readonly format: ArchiveFormat;
  /** No line was written after this instant. */
  readonly now: Millis;
  /** User id of Postfix's mail_owner on the machine that wrote the journal. Absent: it is learned from the entries. */
  readonly postfixUid?: number;
}

/** Whole lines, or whole entries of a journal, as the log contains them. Valid until the next part is requested. */
export interface Part {
  readonly bytes: Buffer;
  /** An instant less than half a year from the time of each line. For journal entries, which have full dates, it is the time of reading. */
  readonly at: Millis;
  readonly journal: boolean;
}

/** The longest entry in bytes. Entries are longer than lines, because each has about twenty fields besides the message. */
const ENTRY_LIMIT = 16 * LINE_LIMIT;

/** Bytes at the start of a log in which the first visible character is searched. */
const START = 4096;

/** The state of reading one log. `dating` is undefined for a journal. */
interface Reading {
  readonly lines: WholeLines;
  readonly dating: Dating | undefined;
}

/** An old log. It may be read several times: its years, and the user id of Postfix in its entries, are found only once. */
export class OldLog {
  readonly #path: string;
  readonly #options: OldLogOptions;
  readonly #senders: Senders;
  #marks: Promise<readonly Mark[] | undefined> | undefined;

  constructor(path: string, options: OldLogOptions) {
    this.#path = path;
    this.#options = options;
    this.#senders = new Senders(options.postfixUid);
  }

  /**
   * Yields the log in parts until the signal aborts. A newline is added to a last line without one. `cut` is called for each line that is
   * too long to be kept whole. Throws a SourceError for a damaged file, after the parts before the damage.
   */
  async *parts(chunks: Chunks, cut: () => void, signal?: AbortSignal): AsyncGenerator<Part> {
    let reading: Reading | undefined;
    let offset = 0;
    for await (const chunk of chunks) {
      // The signal is checked for each chunk, because a very long line yields no part for a long time.
      if (signal?.aborted) return;
      reading ??= await this.#begin(chunk, chunks, cut);
      yield* this.#partsOf(chunk, offset, reading);
      offset += chunk.length;
    }
    const bytes = reading?.lines.flush();
    if (reading && bytes) yield { bytes, at: reading.dating?.at ?? this.#options.now, journal: !reading.dating };
  }

  /** Returns the syslog line for an entry of a journal. Undefined: the line is no entry, or Postfix did not send the entry. */
  lineOf(entry: Buffer): Buffer | undefined {
    const parsed = parseEntry(entry);
    return parsed && this.#senders.trusts(parsed) ? lineOf(parsed) : undefined;
  }

  async #begin(start: Buffer, chunks: Chunks, cut: () => void): Promise<Reading> {
    const { format, now } = this.#options;
    const journal =
      format === 'journal' || (format === 'auto' && /^(?:\xef\xbb\xbf)?\s*\{/.test(start.toString('latin1', 0, START)));
    if (!journal) {
      const end = Math.min(chunks.modified ?? now, now);
      this.#marks ??= findMarks(chunks, () => openChunks(this.#path), end);
      return { lines: new WholeLines(cut), dating: new Dating(await this.#marks, end) };
    }
    // Standard input cannot be read twice.
    if (this.#path !== '-') await this.#learnSenders();
    return { lines: new WholeLines(cut, ENTRY_LIMIT), dating: undefined };
  }

  *#partsOf(chunk: Buffer, offset: number, { lines, dating }: Reading): Generator<Part> {
    const parts = lines.feed(chunk);
    if (!dating) {
      for (const bytes of parts) yield { bytes, at: this.#options.now, journal: true };
      return;
    }
    const length = chunk.lastIndexOf(0x0a) + 1;
    for (const bytes of parts) {
      // A line that began in an earlier chunk is a separate part, and a copy. The last part can be a view of this chunk.
      const isView = bytes === parts.at(-1) && bytes.length <= length;
      if (!isView) yield { bytes, at: dating.at, journal: false };
      else
        for (const { piece, at } of dating.cut(bytes, offset + length - bytes.length)) yield { bytes: piece, at, journal: false };
    }
  }

  /** Learns the user id of Postfix before the first entry is judged. */
  async #learnSenders(): Promise<void> {
    const lines = new WholeLines(() => {}, ENTRY_LIMIT);
    for await (const chunk of await openChunks(this.#path)) {
      for (const line of lines.feed(chunk).flatMap((part) => [...eachLine(part)])) {
        if (this.#senders.known) return;
        const entry = parseEntry(line);
        if (entry) this.#senders.learn(entry);
      }
    }
  }
}
