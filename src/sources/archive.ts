// The entry point for old logs and standard input. Both are read once, from start to end.
import { printable } from '../lib/text/printable.ts';
import type { Log, Millis } from '../words/ports.ts';
import type { Batch, Source, SourceState } from '../words/walk.ts';
import { Envelope } from './envelope/envelope.ts';
import { eachLine } from './lines.ts';
import type { SourceOptions } from './options.ts';
import { openChunks, OldLog, type Chunks, type Input, type OldLogOptions } from './old/log.ts';

/** Options for reading an old log. */
export interface ArchiveOptions extends OldLogOptions {
  readonly log: Log;
  /** Lines of a journal that are left out become empty lines, so that the numbers of the other lines are kept. */
  readonly numbered?: boolean;
  /** The stream that the path `-` stands for. Absent: the standard input of the process. */
  readonly input?: Input;
}

const EMPTY = Buffer.from('\n');

/** A log that is read from start to end. The path `-` stands for standard input. Its batches have no cursor. */
export class Archive implements Source {
  readonly name: string;
  readonly #path: string;
  readonly #options: ArchiveOptions;
  readonly #old: OldLog;
  #chunks: Chunks | undefined;
  #ended = false;

  constructor(path: string, options: ArchiveOptions) {
    this.name = path === '-' ? 'standard input' : path;
    this.#path = path;
    this.#options = options;
    this.#old = new OldLog(path, options);
  }

  /** See Source. An old log is not resumed. Throws a SourceError for a log that cannot be read, after the lines before the failure. */
  async *read(_from: string | undefined, signal: AbortSignal): AsyncGenerator<Batch> {
    const { log, input, numbered } = this.#options;
    const envelope = new Envelope(this.#options.format === 'syslog' ? 'none' : 'auto');
    const ofContainers = new Envelope((this.#options.containers ?? []).length === 0 ? 'none' : 'auto');
    let refused = 0;
    let cuts = 0;
    this.#chunks = await openChunks(this.#path, input);
    for await (const { bytes, at, journal } of this.#old.parts(this.#chunks, () => void (cuts += 1), signal)) {
      if (signal.aborted) return;
      if (!journal) {
        yield this.#batchOf(bytes, at, envelope);
        continue;
      }
      const lines: Buffer[] = [];
      for (const entry of eachLine(bytes)) {
        const line = isBlank(entry) ? EMPTY : this.#old.lineOf(entry);
        if (line && line !== EMPTY) lines.push(line);
        else if (numbered) lines.push(EMPTY);
        if (!line) refused += 1;
      }
      yield this.#batchOf(Buffer.concat(lines), at, ofContainers);
    }
    reportCuts(this.#path, cuts, log);
    if (refused > 0) log.info(`${printable(this.name)}: ${refused} journal entries were not sent by Postfix and were left out`);
    this.#ended = true;
  }

  #batchOf(bytes: Buffer, at: Millis, envelope: Envelope): Batch {
    const batch = { source: this.name, bytes, at };
    const envelopes = envelope.of(batch);
    return { ...batch, ...(envelopes && { envelopes }), cursor: undefined };
  }

  /** Returns the state and the number of bytes read so far, for a progress bar. */
  stats(): SourceState {
    const state = this.#ended ? 'read' : this.#chunks ? 'reading' : 'waiting';
    const size = this.#chunks?.size;
    return { state, lines: 0, bytes: this.#chunks?.bytesRead() ?? 0, ...(size !== undefined && { size }) };
  }
}

/** The containers that the sources of a configuration name. Their entries in an exported journal count too. */
export function containersIn({ sources }: { readonly sources: 'auto' | readonly SourceOptions[] }): readonly string[] {
  return sources === 'auto' ? [] : sources.flatMap((source) => (source.type === 'journal' ? (source.containers ?? []) : []));
}

/** Makes a source. `read` opens the log. A second call of `read` uses the years that the first call found. */
export function openArchive(path: string, options: ArchiveOptions): Source {
  return new Archive(path, options);
}

function reportCuts(path: string, cuts: number, log: Log): void {
  if (cuts === 0) return;
  const lines = cuts === 1 ? 'a line was' : `${cuts} lines were`;
  log.notice(`${printable(path)}: ${lines} cut at the length limit`);
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte <= 0x20);
}
