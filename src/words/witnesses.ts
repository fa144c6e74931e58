// Listeners to verdicts and ends of bans. A `Witness` is called after the firewall. A `Rider` is called in the transaction that records the
// verdicts and ends.
import type { Network } from '../lib/address.ts';
import type { Transaction } from '../lib/store/transaction.ts';
import type { Ban, Hit, Verdict } from './walk.ts';

/**
 * A listener that gets verdicts and ends of bans after they are recorded and handed to the firewall. A call that a crash prevents is not
 * made later.
 */
export interface Witness {
  /** The name of the listener in the message that is logged when it throws. */
  readonly name: string;
  /** Gets verdicts. `enforced` resolves after the first attempt of the firewall, and never rejects. */
  judged(verdicts: readonly Verdict[], enforced: Promise<void>): void;
  /** Gets bans by hand. `by`: the user who requested them, according to the client. `enforced`: see `judged`. Absent: the listener needs none. */
  banned?(bans: readonly Ban[], by: string | undefined, enforced: Promise<void>): void;
  /** Gets bans whose time is over, or that were lifted; `because` is the reason in a few words. */
  ended(bans: readonly Ban[], because: string): void;
}

/** A hit as the ledger keeps it, with its verdict. */
export interface RecordedHit {
  /** Its texts are cut to the length that the ledger keeps. */
  readonly hit: Hit;
  readonly verdict: Verdict['kind'];
  /** The network that was judged; null when the client was spared. */
  readonly network: Network | null;
}

/** A listener whose rows are exactly as durable as the verdicts, because it writes in the transaction of the ledger. */
export interface Rider {
  /** The name of the listener in messages and of its tables in the ledger. */
  readonly name: string;
  /**
   * Writes rows for these verdicts and ended bans. It may use synchronous SQL only: no clock, no input or output. When it throws, its rows
   * of this transaction are taken back, and this listener is not called until the next start. At that start, its tables are rebuilt from
   * hits.
   */
  write(verdicts: readonly Verdict[], ended: readonly Ban[], transaction: Transaction): void;
  /** Empties its tables, before they are rebuilt. */
  clear(transaction: Transaction): void;
  /**
   * Writes rows for recorded hits, oldest first. A rebuild calls this method several times, with a part of all hits each time. The ends of
   * bans are not passed in again.
   */
  rebuild(hits: readonly RecordedHit[], transaction: Transaction): void;
}
