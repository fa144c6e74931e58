// The table of cursors: the place where reading of each source continues.
import { cell, textOf } from '../../lib/store/cells.ts';
import type { Query, Store } from '../../lib/store/store.ts';

/** The cursors of a store. No method begins a transaction. */
export class CursorTable {
  readonly #queries: Readonly<Record<keyof typeof SQL, Query>>;

  constructor(store: Store) {
    this.#queries = store.prepareAll(SQL);
  }

  /** Sets the cursor of a source. */
  put(source: string, cursor: string): void {
    this.#queries.put.run(source, cursor);
  }

  /** The cursor of a source. Undefined: the source was never read. */
  get(source: string): string | undefined {
    return textOf(this.#queries.get.get(source)?.['cursor']);
  }
}

const SQL = {
  put: 'INSERT OR REPLACE INTO cursors (source, cursor) VALUES (?, ?)',
  get: `SELECT ${cell('cursor', { longest: -1 })} FROM cursors WHERE source = ?`,
} as const;
