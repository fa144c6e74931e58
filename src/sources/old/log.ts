// The entry point of this folder: reads one old log or standard input as whole lines, each with the time near which it was written.
import { DamagedError } from '../../errors.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Millis } from '../../words/ports.ts';
import {
  Containers,
  entryLines,
  journalForm,
  lineOf,
  parseEntry,
  Senders,
  START_OF_LOG,
  type EntryLines,
} from '../journal/journal.ts';
import { eachLine, LINE_LIMIT, WholeLines } from '../lines.ts';
import { openChunks, type Chunks } from './chunks.ts';
import { findMarks, Dating } from './dating.ts';
import type { Mark } from './years.ts';

export { openChunks, type Chunks, type Input } from './chunks.ts';

/** The contents of a log: syslog lines, or entries of the journal. With `auto`, the start of the log decides, and lines may have envelopes. */
export type ArchiveFormat = 'auto' | 'syslog' | 'journal';

/** Options for reading an old log. */
export interface OldLogOptions {
  readonly format: ArchiveFormat;
  /** No line was written after this instant. */
  readonly now: Millis;
  /** User id of Postfix's mail_owner on the machine that wrote the journal. Absent: it is learned from the entries. */
  readonly postfixUid?: number;
  /** Names of the containers whose entries of the journal count; none by default. */
  readonly containers?: readonly string[];
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

/** The state of reading one log. For a journal, `dating` is undefined, and `entries` makes lines of the log. */
interface Reading {
  readonly lines: WholeLines;
  readonly dating: Dating | undefined;
  readonly entries?: EntryLines;
}

/** An old log. It may be read several times: its years, and the user id of Postfix in its entries, are found only once. */
export class OldLog {
  readonly #path: string;
  readonly #options: OldLogOptions;
  readonly #senders: Senders;
  readonly #containers: Containers;
  #marks: Promise<readonly Mark[] | undefined> | undefined;

  constructor(path: string, options: OldLogOptions) {
    this.#path = path;
    this.#options = options;
    this.#senders = new Senders(options.postfixUid);
    this.#containers = new Containers(options.containers ?? []);
  }

  /**
   * Yields the log in parts until the signal aborts. A newline is added to a last line without one. `cut` is called for each line that is
   * too long to be kept whole. Throws a SourceError for a damaged file, after the parts before the damage.
   */
  async *parts(chunks: Chunks, cut: () => void, signal?: AbortSignal): AsyncGenerator<Part> {
    let reading: Reading | undefined;
    let offset = 0;
    // The first chunk of a plain file is its start, or all of it.
    for await (const chunk of chunks.readAt ? chunks : withWholeStart(chunks)) {
      // The signal is checked for each chunk, because a very long line yields no part for a long time.
      if (signal?.aborted) return;
      reading ??= await this.#begin(chunk, chunks, cut);
      yield* this.#partsOf(reading.entries?.feed(chunk) ?? chunk, offset, reading);
      offset += chunk.length;
    }
    if (reading?.entries) yield* this.#partsOf(reading.entries.flush(), offset, reading);
    const bytes = reading?.lines.flush();
    if (reading && bytes) yield { bytes, at: reading.dating?.at ?? this.#options.now, journal: !reading.dating };
  }

  /** Returns the syslog line for an entry of a journal. Undefined: the line is no entry, or Postfix did not send the entry. */
  lineOf(entry: Buffer): Buffer | undefined {
    const parsed = parseEntry(entry);
    if (!parsed) return undefined;
    return this.#senders.trusts(parsed) ? lineOf(parsed) : this.#containers.lineOf(parsed);
  }

  async #begin(start: Buffer, chunks: Chunks, cut: () => void): Promise<Reading> {
    const { format, now } = this.#options;
    const form = format === 'syslog' ? undefined : (journalForm(start) ?? (format === 'journal' ? 'json' : undefined));
    if (!form) {
      const end = Math.min(chunks.modified ?? now, now);
      this.#marks ??= findMarks(chunks, () => openChunks(this.#path), end);
      return { lines: new WholeLines(cut), dating: new Dating(await this.#marks, end) };
    }
    // Standard input cannot be read twice.
    if (this.#path !== '-') await this.#learnSenders(entryLines(form, this.#path));
    return { lines: new WholeLines(cut, ENTRY_LIMIT), dating: undefined, entries: entryLines(form, printable(this.#path)) };
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
  async #learnSenders(entries: EntryLines): Promise<void> {
    const lines = new WholeLines(() => {}, ENTRY_LIMIT);
    try {
      for await (const chunk of await openChunks(this.#path)) {
        for (const line of lines.feed(entries.feed(chunk)).flatMap((part) => [...eachLine(part)])) {
          if (this.#senders.known) return;
          const entry = parseEntry(line);
          if (entry) this.#senders.learn(entry);
        }
      }
    } catch (thrown) {
      // The reading of the log itself reports the damage.
      if (!(thrown instanceof DamagedError)) throw thrown;
    }
  }
}

/** Passes chunks on. The first chunk has a whole line, or the bytes that show the format of the log. */
async function* withWholeStart(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0);
  try {
    for await (const chunk of chunks) {
      const bytes: Buffer = start === undefined || start.length === 0 ? chunk : Buffer.concat([start, chunk]);
      const isShort: boolean = start !== undefined && bytes.length < START_OF_LOG && !bytes.includes(0x0a);
      start = isShort ? Buffer.from(bytes) : undefined;
      if (!isShort) yield bytes;
    }
  } catch (thrown) {
    if (start !== undefined && start.length > 0) yield start;
    throw thrown;
  }
  if (start !== undefined && start.length > 0) yield start;
}
