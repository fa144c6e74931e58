// Makes the cursor texts of a pattern. If there are few logs, each text holds the cursors of all logs. If there are many, most texts hold
// only the cursors that have changed since the last text with all cursors.
import { randomBytes } from 'node:crypto';
import { isCursor, keyOf, parseJson, type Cursor } from '../follow/follow.ts';
import { FileNames } from './files.ts';

/** If there are at most this many logs, each text holds the cursors of all logs. */
const FEW = 64;

/**
 * The key of an entry that is not the path of a log. Its value is the generation: a text of changes belongs to the text with all cursors that
 * has the same generation.
 */
const GENERATION = '';

/** A cursor text, and the key under which the ledger records it. Without `cursorKey`, the key is the name of the source. */
export interface KeyedCursor {
  readonly cursor: string;
  readonly cursorKey?: string;
}

/** The key under which the ledger records the texts of changes of a source. */
export function changesKey(source: string): string {
  return `changes:${source}`;
}

/** The cursors of the logs of one source. */
export class PatternCursors {
  readonly #key: string;
  readonly #all: Map<string, Cursor>;
  readonly #files = new FileNames();
  /** The cursors that have changed since the last text with all cursors. Undefined: the log was forgotten. */
  readonly #changes = new Map<string, Cursor | undefined>();
  /**
   * The generation of the last text with all cursors. Undefined: there was no such text, or the text has no generation because there were few
   * logs.
   */
  #generation: string | undefined;

  constructor(source: string, known: ReadonlyMap<string, Cursor> = new Map()) {
    this.#key = changesKey(source);
    this.#all = new Map(known);
    for (const [path, cursor] of known) this.#files.set(path, keyOf(cursor));
  }

  /** The logs that have a cursor. */
  get paths(): Iterable<string> {
    return this.#all.keys();
  }

  /** The log that was last read from the file with this key; undefined: none. */
  logOf(file: string): string | undefined {
    return this.#files.logOf(file);
  }

  /** Where reading of a log stopped. */
  get(path: string): Cursor | undefined {
    return this.#all.get(path);
  }

  /** The cursor of another log than `path` that was last read from the file with this key. Undefined: there is no such log. */
  leftAt(file: string, path: string): Cursor | undefined {
    const log = this.logOf(file);
    return log === undefined || log === path ? undefined : this.get(log);
  }

  /** Notes how far a log was read. */
  set(path: string, cursor: Cursor): void {
    this.#files.set(path, keyOf(cursor));
    this.#all.set(path, cursor);
    this.#changes.set(path, cursor);
  }

  /** Forgets a log. */
  delete(path: string): void {
    this.#files.delete(path);
    if (this.#all.delete(path)) this.#changes.set(path, undefined);
  }

  /**
   * Returns the text that has to be recorded now. joinCursors combines it with the last text under the other key, and so restores the cursor
   * of every log.
   */
  text(): KeyedCursor {
    const few = this.#all.size <= FEW;
    if (!few && this.#generation !== undefined && this.#changes.size <= Math.max(FEW, Math.sqrt(this.#all.size)))
      return { cursor: textOf(this.#changes, this.#generation), cursorKey: this.#key };
    this.#changes.clear();
    // The generation is random, so that a text of changes from another run never belongs to this text.
    this.#generation = few ? undefined : randomBytes(8).toString('hex');
    return { cursor: textOf(this.#all, this.#generation) };
  }
}

function textOf(cursors: ReadonlyMap<string, Cursor | undefined>, generation: string | undefined): string {
  const entries = [...cursors].map(([path, cursor]) => [path, cursor ?? null] as const);
  return JSON.stringify(Object.fromEntries(generation === undefined ? entries : [[GENERATION, generation], ...entries]));
}

/** Parses a text with all cursors. Returns the cursor of each log under its path. Undefined for any other text. */
export function parseCursors(text: string | undefined): Map<string, Cursor> | undefined {
  const entries = entriesOf(text);
  return entries && new Map(entries.filter((entry): entry is [string, Cursor] => isCursor(entry[1])));
}

/** Applies a text of changes to a text with all cursors, if both have the same generation. Otherwise returns the text with all cursors as it is. */
export function joinCursors(all: string | undefined, changes: string | undefined): string | undefined {
  const base = entriesOf(all);
  const later = entriesOf(changes);
  if (!base || !later) return all;
  const generation = new Map(base).get(GENERATION);
  if (typeof generation !== 'string' || new Map(later).get(GENERATION) !== generation) return all;
  return JSON.stringify(Object.fromEntries([...base, ...later]));
}

function entriesOf(text: string | undefined): [string, unknown][] | undefined {
  if (text === undefined) return undefined;
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
}
