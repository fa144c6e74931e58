// The table of riders. It records for each rider whether its tables include every hit.
import { cell, shownOf } from '../../lib/store/cells.ts';
import type { Query, Store } from '../../lib/store/store.ts';

/** The states of the riders of a store. No method begins a transaction. */
export class RiderTable {
  readonly #queries: Readonly<Record<keyof typeof SQL, Query>>;

  constructor(store: Store) {
    this.#queries = store.prepareAll(SQL);
  }

  /** The riders whose tables include every hit. */
  complete(): ReadonlySet<string> {
    return new Set(this.#queries.complete.all().map((row) => shownOf(row['rider'])));
  }

  /** Records that the tables of every rider lack hits: the next start rebuilds them. */
  forget(): void {
    this.#queries.forget.run();
  }

  /** Records whether the tables of a rider include every hit. */
  put(rider: string, complete: boolean): void {
    this.#queries.put.run(rider, complete ? 1 : 0);
  }
}

const SQL = {
  complete: `SELECT ${cell('rider')} FROM riders WHERE complete = 1`,
  forget: 'UPDATE riders SET complete = 0',
  put: 'INSERT OR REPLACE INTO riders (rider, complete) VALUES (?, ?)',
} as const;
