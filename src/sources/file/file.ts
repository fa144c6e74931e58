// The live source of one log file, or of all log files that match a pattern. Each file is followed through its rotations, and the lines of
// all files form one stream.
import { errnoOf, whatOf } from '../../errors.ts';
import { printable } from '../../lib/text/printable.ts';
import { Throttle } from '../../lib/text/throttle.ts';
import type { Clock, Log } from '../../words/ports.ts';
import type { Batch, Source, SourceState } from '../../words/walk.ts';
import { Follower, parseCursor, type Lost } from '../follow/follow.ts';
import { Envelope } from '../envelope/envelope.ts';
import { Handover } from './handover.ts';
import type { Logs, Piece } from './logs.ts';
import { countLines } from '../lines.ts';
import { faultOfLog, unreadable } from '../open.ts';
import { settingsOf, sourceName, type FileOptions } from '../options.ts';
import { changesKey, faultOfPattern, isPattern, joinCursors, parseCursors, PatternLogs } from '../pattern/pattern.ts';

/** Poll interval in milliseconds. Polling finds new files of a pattern, and changes that the watch of a directory did not report. */
const POLL = 1000;

/** A notice of one kind is logged at most once in this time (milliseconds). */
const NOTICE_INTERVAL = 60_000;

/**
 * A source that follows files. The cursor of one file is its Cursor as JSON. The cursor of a pattern is a JSON object with the Cursor of each
 * file under its path, see pattern/cursors.ts.
 */
export class FileSource implements Source {
  readonly name: string;
  readonly settings: string;
  readonly #options: FileOptions;
  readonly #pattern: boolean;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #poll: number;
  readonly #throttle: Throttle;
  readonly #envelope: Envelope;
  #logs: Logs | undefined;
  /** For each log of which nothing has been read yet: the lines before the place at which reading begins. */
  readonly #before = new Map<string, Buffer>();
  #lines = 0;
  #bytes = 0;
  #lost: Lost = { bytes: 0, files: 0 };
  /** The number of losses since their sum was last logged. */
  #losses = 0;
  #sumDue: NodeJS.Timeout | undefined;

  constructor(options: FileOptions, ports: { readonly log: Log; readonly clock: Clock; readonly poll?: number }) {
    this.name = sourceName(options);
    this.settings = settingsOf(options);
    this.#options = options;
    this.#envelope = new Envelope(options.envelope ?? 'none');
    this.#pattern = isPattern(options.path);
    this.#log = ports.log;
    this.#clock = ports.clock;
    this.#poll = ports.poll ?? POLL;
    this.#throttle = new Throttle(NOTICE_INTERVAL, ports.clock);
  }

  /** See Source. */
  resume(cursor: (key: string) => string | undefined): string | undefined {
    const all = cursor(this.name);
    return this.#pattern ? joinCursors(all, cursor(changesKey(this.name))) : all;
  }

  /** See Source. Throws a SourceError when the source is one file, and this file exists but cannot be read. */
  async *read(from: string | undefined, signal: AbortSignal): AsyncGenerator<Batch> {
    const handover = new Handover<Piece>();
    const logs = this.#pattern ? this.#followPattern(from, handover) : this.#followOne(from, handover);
    this.#logs = logs;
    try {
      for await (const piece of handover.take(signal)) yield this.#batchOf(piece, logs);
    } finally {
      logs.close();
      this.#logs = undefined;
      this.#logLost();
    }
  }

  /** See Source. */
  fault(): string | undefined {
    return this.#pattern ? undefined : faultOfLog(this.#options.path)?.message;
  }

  /** The state of the source, for `status`. */
  stats(): SourceState {
    const { present = 0, closed = 0 } = this.#logs ?? {};
    const fault = this.#faultNow(present, closed);
    const waits = fault.blind ? `${whatOf(fault.fault ?? '')}, tried again every second` : 'waiting for the file';
    const follows = present > 0 ? `following ${present === 1 ? '1 file' : `${present} files`}` : waits;
    const state = present > 0 && closed > 0 ? `${follows}, ${closed} cannot be read` : follows;
    const lost = this.#lostText();
    return {
      state: lost === '' ? state : `${state}; lost unread: ${lost}`,
      lines: this.#lines,
      bytes: this.#bytes,
      ...fault,
      ...(lost !== '' && { lost: this.#lost }),
    };
  }

  #faultNow(present: number, closed: number): Pick<SourceState, 'fault' | 'blind'> {
    const { path } = this.#options;
    if (this.#pattern) return faultOfPattern(path, { present, closed, error: this.#logs?.fault });
    if (this.#logs?.fault !== undefined) return { fault: this.#logs.fault, blind: true };
    return present > 0 ? {} : { fault: `${printable(path)}: does not exist yet` };
  }

  /** Adds a loss. Single losses are logged at most once a minute. So the sum of all losses is logged too, a minute after the first one. */
  #addLost({ bytes, files }: Lost): void {
    this.#lost = { bytes: this.#lost.bytes + bytes, files: this.#lost.files + files };
    this.#losses += 1;
    this.#sumDue ??= setTimeout(() => this.#logLost(), NOTICE_INTERVAL).unref();
  }

  /** Logs the sum of all losses, if more than one loss was added since the sum was last logged. */
  #logLost(): void {
    clearTimeout(this.#sumDue);
    this.#sumDue = undefined;
    if (this.#losses > 1)
      this.#log.notice(`${printable(this.#options.path)}: lost unread since the start: ${this.#lostText() || 'nothing'}`);
    this.#losses = 0;
  }

  #lostText(): string {
    const { bytes, files } = this.#lost;
    return [...(files > 0 ? [files === 1 ? '1 file' : `${files} files`] : []), ...(bytes > 0 ? [`${bytes} bytes`] : [])].join(', ');
  }

  #batchOf({ path, bytes, cursor, writtenAfter }: Piece, logs: Logs): Batch {
    this.#lines += countLines(bytes);
    this.#bytes += bytes.length;
    const log = path ?? this.#options.path;
    const before = bytes.length > 0 ? this.#before.get(log) : undefined;
    if (before) this.#before.delete(log);
    const written = writtenAfter === undefined ? {} : { writtenAfter };
    const batch = { source: this.name, log, ...(before && { before }), bytes, ...written, at: this.#clock() };
    const envelopes = this.#envelope.of(batch);
    return { ...batch, ...(envelopes && { envelopes }), cursor: undefined, ...logs.cursorAfter(path, cursor) };
  }

  #followOne(from: string | undefined, handover: Handover<Piece>): Logs {
    const { path } = this.#options;
    const follower = new Follower(path, {
      deliver: (bytes, cursor, writtenAfter) => handover.give({ path, bytes, cursor, writtenAfter }),
      resumed: (before) => this.#before.set(path, before),
      notice: (kind, text) => this.#notice(path, kind, text),
      lost: (lost) => this.#addLost(lost),
      // After an error of the system, such as EMFILE, the source is started again at its cursor. Any other error is a bug.
      fail: (thrown) => handover.fail(errnoOf(thrown) === undefined ? thrown : unreadable(path, thrown)),
      clock: this.#clock,
      poll: this.#poll,
    });
    follower
      .begin((from !== undefined && parseCursor(from)) || this.#from)
      .catch((thrown: unknown) => handover.fail(unreadable(path, thrown)));
    return {
      get present() {
        return follower.gone ? 0 : 1;
      },
      get closed() {
        return follower.fault === undefined ? 0 : 1;
      },
      get fault() {
        return follower.fault;
      },
      cursorAfter: (_, cursor) => (cursor ? { cursor: JSON.stringify(cursor) } : {}),
      close: () => follower.close(),
    };
  }

  #followPattern(from: string | undefined, handover: Handover<Piece>): Logs {
    /** The last error about a log that could not be opened when it was found. */
    let failed: string | undefined;
    let failedAt = -Infinity;
    const logs = new PatternLogs(parseCursors(from), {
      pattern: this.#options.path,
      source: this.name,
      from: this.#from,
      give: (path, bytes, cursor, writtenAfter) => handover.give({ path, bytes, cursor, writtenAfter }),
      resumed: (path, before) => this.#before.set(path, before),
      notice: (path, kind, text) => this.#notice(logs.many ? this.#options.path : path, kind, text),
      unreadable: (path, thrown) => {
        const key = `open ${logs.many ? this.#options.path : path}`;
        failed = unreadable(path, thrown).message;
        failedAt = performance.now();
        this.#throttle.pass(key, failed, (text) => this.#log.warn(text));
      },
      matchesNothing: () => this.#log.notice(`${printable(this.#options.path)}: matches no file yet; a new file will be followed`),
      lost: (lost) => this.#addLost(lost),
      fail: (thrown) => handover.fail(thrown),
      clock: this.#clock,
      poll: this.#poll,
    });
    logs.begin();
    return {
      get present() {
        return logs.present;
      },
      get closed() {
        // A log that cannot be opened is not counted for a moment while it is tried again.
        const tried = logs.present === 0 && performance.now() - failedAt < 2 * POLL;
        return Math.max(logs.closed, tried ? 1 : 0);
      },
      get fault() {
        return logs.fault ?? failed;
      },
      cursorAfter: (path, cursor) => logs.cursorAfter(path, cursor),
      close: () => logs.close(),
    };
  }

  #notice(of: string, kind: string, text: string): void {
    this.#throttle.pass(`${kind} ${of}`, text, (passed) => this.#log.notice(passed));
  }

  get #from(): 'start' | 'end' {
    return this.#options.from ?? 'end';
  }
}
