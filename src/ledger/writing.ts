// The transactions of a ledger. A transaction includes the rows of riders: listeners with tables of their own.
import { LedgerError, messageOf } from '../errors.ts';
import type { Store } from '../lib/store/store.ts';
import type { Ban } from '../words/walk.ts';
import type { Filled, LedgerOptions } from './options.ts';
import { Riders, TransactionLost } from './riders.ts';
import { Tables, type Batch } from './tables/tables.ts';

/** The number of rows or pages in one slice of maintenance. A slice takes about 10 ms. */
const SLICE = 2000;

/** Free pages that stay in the file for future rows. */
const SPARE_PAGES = 256;

/** Writes the tables of one ledger. Every method throws LedgerError when the file cannot be written; then its transaction is rolled back. */
export class Writing {
  readonly tables: Tables;
  readonly #store: Store;
  readonly #options: LedgerOptions & Filled;
  readonly #riders: Riders;
  readonly #written: () => void;
  /** True when rows of the file may have been lost since the last transaction. */
  #mustRecount = false;

  /** `written` is called after each transaction. */
  constructor(store: Store, options: LedgerOptions & Filled, written: () => void) {
    this.tables = new Tables(store, options.log);
    this.#store = store;
    this.#options = options;
    this.#written = written;
    this.#riders = new Riders({
      store,
      tables: this.tables,
      log: options.log,
      riders: options.access === 'write' ? options.riders : [],
    });
  }

  /** Writes a batch. Inside the transaction, `answer` gets the new bans in force. When `answer` throws, the transaction is rolled back. */
  batch<T>(batch: Batch, answer: (bans: readonly Ban[]) => T): T {
    return this.#withRiders(() => {
      const bans = this.tables.add(batch, this.#times());
      this.#riders.write(batch.verdicts, []);
      return answer(bans);
    });
  }

  /** Runs `work`, which ends bans and returns them. */
  ends(work: () => readonly Ban[]): readonly Ban[] {
    return this.#withRiders(() => {
      const ended = work();
      this.#riders.write([], ended);
      return ended;
    });
  }

  /** Runs `work` in one transaction. */
  commit<T>(work: () => T): T {
    const result = this.#store.transaction(() => {
      if (this.#mustRecount) {
        this.tables.hits.recount();
        this.tables.riders.forget();
      }
      return work();
    });
    this.#mustRecount = false;
    this.#written();
    return result;
  }

  /** Deletes one slice of old rows, or gives free pages back to the disk. Returns true when there is more to do. */
  purge(): boolean {
    const gone = this.commit(() => this.tables.purge(this.#times(), SLICE));
    return gone >= SLICE || this.#store.shrink(SPARE_PAGES, SLICE);
  }

  /**
   * Reports that rows of the file may have been lost. The next transaction counts the tallies again, and records that the tables of riders lack
   * hits. This call does not write, because the write may be refused.
   */
  recount(): void {
    this.#mustRecount = true;
    this.#options.damaged();
  }

  /** Fills one slice of new tables, or of the tables of a rider that is behind. Returns true when there is more to fill. */
  fill(): boolean {
    if (!this.#store.isOpen) return false;
    try {
      if (this.#store.fill()) return true;
    } catch (thrown) {
      if (thrown instanceof LedgerError) throw thrown;
      this.#options.log.error(`${messageOf(thrown)}; its tables stay incomplete until the next start`);
      return true;
    }
    return this.#riders.rebuild();
  }

  /** Runs `work` in a transaction, and repeats it when a rider ended the transaction. Each repetition excludes one more rider, so the loop ends. */
  #withRiders<T>(work: () => T): T {
    for (;;) {
      try {
        return this.commit(work);
      } catch (thrown) {
        if (!(thrown instanceof TransactionLost)) throw thrown;
      }
    }
  }

  #times(): Parameters<Tables['add']>[1] {
    const { clock, hitRetention, offenceRetention } = this.#options;
    const now = clock();
    return { now, oldestHit: now - hitRetention, oldestOffence: now - offenceRetention };
  }
}
