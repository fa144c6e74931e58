// The door of the room for old logs and standard input, read once from start to end: as batches for backfill, record by record for
// `trapline test`.
import { printable } from '../lib/printable.ts';
import type { Batch, Log, Millis, Source, SourceState } from '../types.ts';
import { openChunks, type Chunks, type Input } from './chunks.ts';
import { lineOf, parseEntry, Senders } from './entry.ts';
import { eachLine, LINE_LIMIT, LineSplitter } from './lines.ts';
import { ForwardYears, marksBefore, samplesIn, samplesOf, type Mark, type Sample } from './years.ts';

/** What a log is made of: syslog lines, entries of `journalctl --output=json`, or whichever its first byte says. */
export type ArchiveFormat = 'auto' | 'syslog' | 'journal';

/** How to read an old log. */
export interface ArchiveOptions {
  readonly format: ArchiveFormat;
  /** No line is from later than this. */
  readonly now: Millis;
  readonly log: Log;
  /** User id of Postfix's mail_owner where a journal was written; learned from its entries by default. */
  readonly postfixUid?: number;
  /** What `-` stands for; the process's standard input by default. */
  readonly input?: Input;
}

/** One line, or one entry of a journal. */
export interface LogRecord {
  /** From 1. */
  readonly line: number;
  /** The line with its newline; undefined for an entry that Postfix did not send, or that is none. */
  readonly bytes: Buffer | undefined;
  /** See Batch. */
  readonly at: Millis;
}

/** Whole lines as they are in the log. */
interface Part {
  readonly bytes: Buffer;
  readonly at: Millis;
  readonly journal: boolean;
}

/** Entries are longer than lines: each has some twenty fields besides the message. */
const ENTRY_LIMIT = 16 * LINE_LIMIT;

/** A packed file up to this size is read twice, to know the year of its lines from its end; a larger one is thought to be younger than a year. */
const READ_TWICE = 4_194_304;

/** The same for what is inside: a small file can hold very much. */
const MOST_UNPACKED = 268_435_456;

/** A log that is read once: a path, or `-` for standard input. Its batches have no cursor. `read` throws a SourceError for what cannot be read. */
export class Archive implements Source {
  readonly name: string;
  readonly #path: string;
  readonly #options: ArchiveOptions;
  readonly #known: Known;
  #chunks: Chunks | undefined;
  #ended = false;

  constructor(path: string, options: ArchiveOptions) {
    this.name = path === '-' ? 'standard input' : path;
    this.#path = path;
    this.#options = options;
    this.#known = new Known(options);
  }

  /** See Source; there is nothing to resume. What it finds out about the years of the lines is kept for another reading. */
  async *read(_from: string | undefined, signal: AbortSignal): AsyncGenerator<Batch> {
    this.#chunks = await openChunks(this.#path, this.#options.input);
    let refused = 0;
    for await (const part of partsOf(this.#path, this.#chunks, this.#known, this.#options, signal)) {
      if (signal.aborted) return;
      if (!part.journal) {
        yield { source: this.name, bytes: part.bytes, at: part.at, cursor: undefined };
        continue;
      }
      const taken: Buffer[] = [];
      for (const bytes of eachLine(part.bytes)) {
        const line = isNotBlank(bytes) ? canonical(bytes, this.#known.senders) : NOTHING;
        if (line) taken.push(line);
        else refused += 1;
      }
      yield { source: this.name, bytes: Buffer.concat(taken), at: part.at, cursor: undefined };
    }
    if (refused > 0)
      this.#options.log.info(`${printable(this.name)}: ${refused} journal entries were not sent by Postfix and were left out`);
    this.#ended = true;
  }

  /** How far it has come, for a progress bar. */
  stats(): SourceState {
    const state = this.#ended ? 'read' : this.#chunks ? 'reading' : 'waiting';
    const size = this.#chunks?.size;
    return { state, lines: 0, bytes: this.#chunks?.bytesRead() ?? 0, ...(size !== undefined && { size }) };
  }
}

/** A log to be read once, from its start to its end: a path, or `-` for standard input. `stats()` tells how far it has come. */
export function openArchive(path: string, options: ArchiveOptions): Source {
  return new Archive(path, options);
}

/** Every record of a log in order, also those that are refused. Throws a SourceError like Archive, after what could be read. */
export async function* readRecords(path: string, options: ArchiveOptions): AsyncGenerator<LogRecord> {
  const known = new Known(options);
  let line = 0;
  for await (const part of partsOf(path, await openChunks(path, options.input), known, options)) {
    for (const bytes of eachLine(part.bytes)) {
      line += 1;
      if (!part.journal) yield { line, bytes: Buffer.from(bytes), at: part.at };
      else if (isNotBlank(bytes)) yield { line, bytes: canonical(bytes, known.senders), at: part.at };
    }
  }
}

const NOTHING = Buffer.alloc(0);

/** What is known of a log before its first line is read. */
class Known {
  readonly senders: Senders;
  #marks: Promise<readonly Mark[] | undefined> | undefined;

  constructor(options: ArchiveOptions) {
    this.senders = new Senders(options.postfixUid);
  }

  async dates(path: string, chunks: Chunks, now: Millis): Promise<Dates> {
    const end = Math.min(chunks.modified ?? now, now);
    this.#marks ??= marksOf(path, chunks, end);
    return new Dates(await this.#marks, end);
  }
}

function canonical(line: Buffer, senders: Senders): Buffer | undefined {
  const entry = parseEntry(line);
  return entry && senders.trusts(entry) ? lineOf(entry) : undefined;
}

function isNotBlank(line: Buffer): boolean {
  return line.some((byte) => byte > 0x20);
}

async function* partsOf(
  path: string,
  chunks: Chunks,
  known: Known,
  options: ArchiveOptions,
  signal?: AbortSignal,
): AsyncGenerator<Part> {
  let cuts = 0;
  let reader: { lines: LineSplitter; dates: Dates | undefined } | undefined;
  let offset = 0;
  for await (const chunk of chunks) {
    // Also where no line ends for a long time.
    if (signal?.aborted) return;
    if (!reader) {
      const journal =
        options.format === 'journal' || (options.format === 'auto' && /^\s*\{/.test(chunk.toString('latin1', 0, 4096)));
      if (journal && path !== '-') await learn(path, known.senders);
      const cut = (): void => void (cuts += 1);
      const lines = new LineSplitter(cut, journal ? ENTRY_LIMIT : LINE_LIMIT);
      reader = { lines, dates: journal ? undefined : await known.dates(path, chunks, options.now) };
    }
    const { lines, dates } = reader;
    const length = chunk.lastIndexOf(0x0a) + 1;
    const parts = lines.feed(chunk);
    for (const bytes of parts) {
      if (!dates) yield { bytes, at: options.now, journal: true };
      // The line that began in the chunk before comes by itself; the others are all in this chunk.
      else if (bytes !== parts.at(-1) || bytes.length > length) yield { bytes, at: dates.at, journal: false };
      else for (const { piece, at } of dates.cut(bytes, offset + length - bytes.length)) yield { bytes: piece, at, journal: false };
    }
    offset += chunk.length;
  }
  const last = reader?.lines.flush();
  if (reader && last) yield { bytes: last, at: reader.dates?.at ?? options.now, journal: !reader.dates };
  if (cuts > 0)
    options.log.notice(`${printable(path)}: ${cuts === 1 ? 'a line was' : `${cuts} lines were`} too long to be read whole and cut`);
}

/** Learns who Postfix is before the first entry is judged. */
async function learn(path: string, senders: Senders): Promise<void> {
  const lines = new LineSplitter(() => {}, ENTRY_LIMIT);
  for await (const chunk of await openChunks(path)) {
    for (const bytes of lines.feed(chunk)) {
      for (const line of eachLine(bytes)) {
        if (senders.known) return;
        const entry = parseEntry(line);
        if (entry) senders.learn(entry);
      }
    }
  }
}

/** Cuts lines into pieces that are each from about one time. */
class Dates {
  readonly #marks: Mark[];
  readonly #forward: ForwardYears | undefined;
  /** About when the last piece was from. */
  at: Millis;

  constructor(marks: readonly Mark[] | undefined, end: Millis) {
    this.#marks = [...(marks ?? [])];
    this.#forward = marks ? undefined : new ForwardYears(end);
    this.at = marks?.[0]?.at ?? end;
  }

  *cut(bytes: Buffer, offset: number): Generator<{ piece: Buffer; at: Millis }> {
    if (this.#forward) this.#marks.push(...this.#forward.marks(samplesIn(bytes, offset, 4 * 4096)));
    let start = 0;
    for (let [mark] = this.#marks; mark && mark.offset < offset + bytes.length; [mark] = this.#marks) {
      const cut = Math.max(0, mark.offset - offset);
      if (cut > start) yield { piece: bytes.subarray(start, cut), at: this.at };
      start = Math.max(start, cut);
      this.at = mark.at;
      this.#marks.shift();
    }
    yield { piece: bytes.subarray(start), at: this.at };
  }
}

/** Where in the log which year is; undefined when that is not known before it is read. */
async function marksOf(path: string, chunks: Chunks, end: Millis): Promise<readonly Mark[] | undefined> {
  const { size, readAt, compressed } = chunks;
  if (size === undefined || (compressed && size > READ_TWICE)) return undefined;
  if (!compressed && readAt) return marksBefore(samplesOf(readAt, size), end);
  const samples: Sample[] = [];
  let base = 0;
  try {
    for await (const chunk of await openChunks(path)) {
      samples.push(...samplesIn(chunk, base));
      base += chunk.length;
      if (base > MOST_UNPACKED) return undefined;
    }
  } catch {
    // A damaged file is reported when it is read; the lines before the place count.
  }
  return marksBefore(samples, end);
}
