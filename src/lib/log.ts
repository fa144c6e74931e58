// The program's own log: one line an event on standard error, with the priority prefix that journald reads (sd-daemon(3)).
import { printable } from './printable.ts';

/** From the most talkative to the quietest. */
export const LEVELS = ['debug', 'info', 'notice', 'warn', 'error'] as const;
/** One of them: what is below it is not written. */
export type Level = (typeof LEVELS)[number];

/** Priorities of syslog(3) for each level. */
const PRIORITY: Record<Level, number> = { debug: 7, info: 6, notice: 5, warn: 4, error: 3 };

/** The longest line that is written; what is beyond is cut. */
const LONGEST = 2000;

/** One function per level; each takes one line. */
export type Logger = Record<Level, (text: string) => void>;

/**
 * Makes a logger that hands each line at or above `level` to `write`, without its newline. `prefixed` puts `<N>` in front, for
 * journald. Newlines and control characters inside a text come out escaped.
 */
export function createLog(level: Level, prefixed: boolean, write: (line: string) => void): Logger {
  const threshold = LEVELS.indexOf(level);
  const line = (at: Level) => (text: string) => {
    if (LEVELS.indexOf(at) < threshold) return;
    write(`${prefixed ? `<${PRIORITY[at]}>` : ''}${printable(text, LONGEST)}`);
  };
  return { debug: line('debug'), info: line('info'), notice: line('notice'), warn: line('warn'), error: line('error') };
}

/**
 * Passes a text on at most once per `interval` milliseconds for each `key`; what was held back in between is counted into the next.
 * Keeps at most 1000 keys.
 */
export class Seldom {
  readonly #interval: number;
  readonly #clock: () => number;
  readonly #last = new Map<string, { at: number; held: number }>();

  constructor(interval: number, clock: () => number = Date.now) {
    this.#interval = interval;
    this.#clock = clock;
  }

  /** Calls `write` with the text now, or counts it. */
  say(key: string, text: string, write: (text: string) => void): void {
    const now = this.#clock();
    const last = this.#last.get(key);
    if (last && now - last.at < this.#interval && now >= last.at) {
      last.held += 1;
      return;
    }
    if (this.#last.size >= 1000) this.#last.clear();
    this.#last.set(key, { at: now, held: 0 });
    write(last && last.held > 0 ? `${text} (and ${last.held} more like it)` : text);
  }
}

/** How long texts of a kind are counted together (milliseconds). */
const SECOND = 1000;

/**
 * Passes on at most `most` texts of each kind within a second; what is more is counted, and told as one when the second is over. For what
 * others can make happen as often as they like.
 */
export class Spate {
  readonly #most: number;
  readonly #write: (text: string) => void;
  readonly #kinds = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(most: number, write: (text: string) => void) {
    this.#most = most;
    this.#write = write;
  }

  /** Passes a text on, or counts it. `text` is asked for only in the first case. */
  say(kind: string, text: () => string): void {
    const count = (this.#kinds.get(kind) ?? 0) + 1;
    this.#kinds.set(kind, count);
    this.#timer ??= setTimeout(() => this.flush(), SECOND).unref();
    if (count <= this.#most) this.#write(text());
  }

  /** Tells what was held back until now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [kind, count] of this.#kinds)
      if (count > this.#most) this.#write(`${kind}: ${count - this.#most} more within a second`);
    this.#kinds.clear();
  }
}
