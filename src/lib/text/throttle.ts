// Keeps a log readable when an event happens very often. It limits the lines of one kind, and writes how many lines were left out.

/**
 * The maximum number of keys that a Throttle remembers. Before it adds one more, it forgets all keys, so a text may be written again before its
 * interval is over.
 */
const MOST_KEYS = 1000;

/**
 * Writes at most one text per `interval` milliseconds for each key. The next text of the key ends with the number of texts that were left
 * out. Remembers at most 1000 keys.
 */
export class Throttle {
  readonly #interval: number;
  readonly #clock: () => number;
  readonly #last = new Map<string, { at: number; skipped: number }>();

  constructor(interval: number, clock: () => number = Date.now) {
    this.#interval = interval;
    this.#clock = clock;
  }

  /** Calls `write` with the text, or counts the text as left out. */
  pass(key: string, text: string, write: (text: string) => void): void {
    const now = this.#clock();
    const last = this.#last.get(key);
    // A clock that was set back does not lengthen the interval.
    if (last && now - last.at < this.#interval && now >= last.at) {
      last.skipped += 1;
      return;
    }
    if (this.#last.size >= MOST_KEYS) this.#last.clear();
    this.#last.set(key, { at: now, skipped: 0 });
    write(last && last.skipped > 0 ? `${text} (and ${last.skipped} more like it)` : text);
  }
}

/** Texts of one kind are counted over this time (milliseconds). */
const SECOND = 1000;

/** The maximum number of kinds that a RateLimit counts in a second. All further kinds together count as one. */
const MOST_KINDS = 100;
const FURTHER = 'further lines';

/**
 * Writes at most `most` texts of each kind within a second, and the number of omitted texts when the second is over. Use it for events that a
 * client can cause any number of times.
 */
export class RateLimit {
  readonly #most: number;
  readonly #write: (text: string) => void;
  readonly #kinds = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(most: number, write: (text: string) => void) {
    this.#most = most;
    this.#write = write;
  }

  /** Writes the text, or counts it as left out; `text` is called only if it is written. */
  pass(kind: string, text: () => string): void {
    const name = this.#kinds.has(kind) || this.#kinds.size < MOST_KINDS ? kind : FURTHER;
    const count = (this.#kinds.get(name) ?? 0) + 1;
    this.#kinds.set(name, count);
    this.#timer ??= setTimeout(() => this.flush(), SECOND).unref();
    if (count <= this.#most) this.#write(text());
  }

  /** Writes, for each kind, the number of texts that were left out until now, and begins a new second. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [kind, count] of this.#kinds)
      if (count > this.#most) this.#write(`${kind}: ${count - this.#most} more within a second`);
    this.#kinds.clear();
  }
}
