// Runs riders: listeners that write their own rows in the transactions of the ledger. No fault of a rider loses a hit, a ban or an unban.
import { messageOf } from '../errors.ts';
import type { Store } from '../lib/store/store.ts';
import type { Transaction } from '../lib/store/transaction.ts';
import type { Log } from '../words/ports.ts';
import type { Rider } from '../words/witnesses.ts';
import type { Ban, Verdict } from '../words/walk.ts';
import type { Tables } from './tables/tables.ts';

/** The number of hits in one slice of a rebuild. A slice takes about 10 ms. */
const SLICE = 2000;

/** Thrown when a fault of a rider, or a full disk, has ended the whole transaction. The rider is excluded, so the transaction can be repeated. */
export class TransactionLost extends Error {}

/** The ports of the riders. */
interface RidersPorts {
  readonly riders: readonly Rider[];
  readonly store: Store;
  readonly tables: Tables;
  readonly log: Log;
}

/** A rider whose tables lack hits and are being rebuilt. The rebuild includes the hits that are recorded meanwhile. */
interface Behind {
  readonly rider: Rider;
  /** The row of the last hit that the rebuild has reached. Undefined: the tables are still to be emptied. */
  at: number | undefined;
}

/** The riders of one ledger. */
export class Riders {
  readonly #ports: RidersPorts;
  #riding: readonly Rider[];
  #behind: readonly Behind[];
  /** The names of riders that do not get new records, because they threw or are switched off. */
  readonly #missing: Set<string>;

  /** The tables of a rider will be rebuilt if the ledger does not record them as complete. Throws LedgerError. */
  constructor(ports: RidersPorts) {
    this.#ports = ports;
    const complete = ports.tables.riders.complete();
    this.#riding = ports.riders.filter(({ name }) => complete.has(name));
    this.#behind = ports.riders.filter(({ name }) => !complete.has(name)).map((rider) => ({ rider, at: undefined }));
    const names = new Set(ports.riders.map(({ name }) => name));
    this.#missing = new Set([...complete].filter((name) => !names.has(name)));
  }

  /**
   * Lets each rider write its rows, inside the transaction of these verdicts and ended bans. When a rider throws, its rows are rolled back,
   * and the ledger records that its tables lack hits. Throws TransactionLost.
   */
  write(verdicts: readonly Verdict[], ended: readonly Ban[]): void {
    if (verdicts.length === 0 && ended.length === 0) return;
    for (const rider of this.#riding) this.#attempt(rider, (transaction) => rider.write(verdicts, ended, transaction));
    // Every transaction records that the tables of these riders lack hits. One record would not be enough, because its transaction may fail.
    for (const name of this.#missing) this.#ports.tables.riders.put(name, false);
  }

  /**
   * Rebuilds one slice of the tables of a rider that is behind. Returns true when there is more to rebuild. Throws LedgerError when the file
   * cannot be written; then the next call repeats the slice.
   */
  rebuild(): boolean {
    const [behind] = this.#behind;
    if (!behind) return false;
    try {
      const { last, isComplete } = this.#ports.store.transaction(() => this.#rebuildSlice(behind));
      behind.at = last;
      if (isComplete) {
        this.#behind = this.#behind.filter((each) => each !== behind);
        this.#riding = [...this.#riding, behind.rider];
      }
    } catch (thrown) {
      // The transaction had only the slice of this rider, so nothing has to be repeated.
      if (!(thrown instanceof TransactionLost)) throw thrown;
    }
    return this.#behind.length > 0;
  }

  #rebuildSlice({ rider, at }: Behind): { readonly last: number; readonly isComplete: boolean } {
    const { tables } = this.#ports;
    const { hits, last, isLast } = tables.hits.after(at ?? -Infinity, SLICE);
    const isWritten = this.#attempt(rider, (transaction) => {
      if (at === undefined) rider.clear(transaction);
      if (hits.length > 0) rider.rebuild(hits, transaction);
    });
    const isComplete = isWritten && isLast;
    if (isComplete) tables.riders.put(rider.name, true);
    return { last, isComplete };
  }

  /** Lets a rider do its work. Returns true when the rider did not throw. */
  #attempt(rider: Rider, work: (transaction: Transaction) => void): boolean {
    const { store, log } = this.#ports;
    try {
      store.savepoint(work);
      return true;
    } catch (thrown) {
      this.#riding = this.#riding.filter((each) => each !== rider);
      this.#behind = this.#behind.filter((each) => each.rider !== rider);
      this.#missing.add(rider.name);
      log.error(`${rider.name}: ${messageOf(thrown)}; it records nothing until the next start, which rebuilds its tables`);
      if (!store.isInTransaction) throw new TransactionLost(undefined, { cause: thrown });
      return false;
    }
  }
}
