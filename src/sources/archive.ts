// The entry point for old logs and standard input. Both are read once, from start to end.
import { printable } from '../lib/text/printable.ts';
import type { Log } from '../words/ports.ts';
import type { Batch, Source, SourceState } from '../words/walk.ts';
import { eachLine } from './lines.ts';
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
    let refused = 0;
    let cuts = 0;
    this.#chunks = await openChunks(this.#path, input);
    for await (const { bytes, at, journal } of this.#old.parts(this.#chunks, () => void (cuts += 1), signal)) {
      if (signal.aborted) return;
      if (!journal) {
        yield { source: this.name, bytes, at, cursor: undefined };
        continue;
      }
      const lines: Buffer[] = [];
      for (const entry of eachLine(bytes)) {
        const line = isBlank(entry) ? EMPTY : this.#old.lineOf(entry);
        if (line && line !== EMPTY) lines.push(line);
        else if (numbered) lines.push(EMPTY);
        if (!line) refused += 1;
      }
      yield { source: this.name, bytes: Buffer.concat(lines), at, cursor: undefined };
    }
    reportCuts(this.#path, cuts, log);
    if (refused > 0) log.info(`${printable(this.name)}: ${refused} journal entries were not sent by Postfix and were left out`);
    this.#ended = true;
  }

  /** Returns the state and the number of bytes read so far, for a progress bar. */
  stats(): SourceState {
    const state = this.#ended ? 'read' : this.#chunks ? 'reading' : 'waiting';
    const size = this.#chunks?.size;
    return { state, lines: 0, bytes: this.#chunks?.bytesRead() ?? 0, ...(size !== undefined && { size }) };
  }
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
