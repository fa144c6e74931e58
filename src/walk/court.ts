// Defines Court, which judges hits, records the verdicts, hands the changes to the firewall and calls the listeners. Hits of every origin
// pass through Court, and only Court calls `decide`, `record` and `enforce` one after another. The constructor gets these functions.
import type { Change, Recorded } from '../words/firewall.ts';
import type { Clock, Log, Millis } from '../words/ports.ts';
import type { Witness } from '../words/witnesses.ts';
import type { Ban, CursorOf, Hit, Past, Subject, Verdict } from '../words/walk.ts';

/** The functions of decision, ledger and actions that Court calls. */
export interface Doors {
  /** Turns hits into verdicts, given the past of their networks. */
  readonly decide: (hits: readonly Hit[], past: Doors['past']) => readonly Verdict[];
  /** Takes back the counts of the last call of `decide`. */
  readonly takeBack: () => void;
  /** Returns the ledger's record of each subject, in the order of `asked`. */
  readonly past: (asked: readonly Subject[]) => readonly Past[];
  /** Records verdicts and cursor in one durable write; the daemon's function keeps them in memory while the ledger cannot be written. */
  readonly record: (verdicts: readonly Verdict[], cursor?: CursorOf) => Recorded;
  /** Records bans by hand in one durable write. Throws LedgerError. */
  readonly recordBans: (bans: readonly Ban[]) => Recorded;
  /** The changes that each action has to make after these bans have ended. Throws LedgerError. */
  readonly changesAfter: (ended: readonly Ban[]) => readonly Change[];
  /** Hands changes to the firewall. Resolves after the first attempt of each action. Never rejects: a change that fails is tried again later. */
  readonly enforce: (changes: readonly Change[]) => Promise<void>;
}

/** Clock, log and listeners of a Court. */
export interface CourtPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** The listeners, called in this order after the firewall. Parts of the daemon may add listeners later. */
  readonly witnesses: readonly Witness[];
}

/** The outcome for hits, or for bans by hand. */
export interface Judged {
  /** One verdict for each hit, in order. The list is empty for bans by hand. */
  readonly verdicts: readonly Verdict[];
  /** The bans that are newly in force. */
  readonly bans: readonly Ban[];
  /** Resolves after the first attempt of the firewall; never rejects. */
  readonly enforced: Promise<void>;
}

/** When the date of a hit is more than this time ahead of the clock, the date is wrong, and the hit gets the present time. */
const SKEW: Millis = 3_600_000;

/** Judges the hits that `match` found, and removes ended bans from the firewall. */
export class Court {
  readonly #doors: Doors;
  readonly #ports: CourtPorts;
  /** Names of listeners whose failure was logged already. */
  readonly #reported = new Set<string>();

  constructor(doors: Doors, ports: CourtPorts) {
    this.#doors = doors;
    this.#ports = ports;
  }

  /** Judges hits, records verdicts and cursor in one write, and calls the firewall. Throws LedgerError when the ledger cannot be read. */
  judge(hits: readonly Hit[], cursor?: CursorOf): Judged {
    const { decide, past } = this.#doors;
    const now = this.#ports.clock();
    const verdicts = decide(
      hits.map((hit) => atMostNow(hit, now)),
      past,
    );
    const { bans, changes } = this.#record(verdicts, cursor);
    const enforced = this.#enforce(changes);
    if (verdicts.length > 0) this.#inform((witness) => witness.judged(verdicts, enforced));
    return { verdicts, bans, enforced };
  }

  /** Records verdicts and cursor. If the write fails, the source reads the lines again, so the counts of their hits are taken back. */
  #record(verdicts: readonly Verdict[], cursor: CursorOf | undefined): Recorded {
    const { record, takeBack } = this.#doors;
    try {
      return record(verdicts, cursor);
    } catch (thrown) {
      takeBack();
      throw thrown;
    }
  }

  /**
   * Records bans by hand and calls the firewall. `by`: the user who requested them, according to the client.
   * Throws LedgerError; then no ban is recorded.
   */
  ban(wanted: readonly Ban[], by?: string): Judged & Pick<Required<Recorded>, 'replaced'> {
    const { bans, changes, replaced = [] } = this.#doors.recordBans(wanted);
    const enforced = this.#enforce(changes);
    if (bans.length > 0) this.#inform((witness) => witness.banned?.(bans, by, enforced));
    return { verdicts: [], bans, replaced, enforced };
  }

  /**
   * Removes ended bans from the firewall. The ledger has ended them already. A network that another jail bans stays until that ban ends.
   * Resolves after the first attempt of the firewall. Rejects with LedgerError.
   */
  async lift(ended: readonly Ban[], because: string): Promise<void> {
    if (ended.length === 0) return;
    const enforced = this.#enforce(this.#doors.changesAfter(ended));
    this.#inform((witness) => witness.ended(ended, because));
    await enforced;
  }

  #enforce(changes: readonly Change[]): Promise<void> {
    return changes.length === 0 ? Promise.resolve() : this.#doors.enforce(changes);
  }

  /** Calls the listeners in a microtask, so that the firewall does not wait for them. In a burst of hits, they take a tenth of the time. */
  #inform(event: (witness: Witness) => void): void {
    queueMicrotask(() => {
      for (const witness of this.#ports.witnesses) this.#call(witness, event);
    });
  }

  /** A listener that throws affects neither the bans nor the listeners after it. */
  #call(witness: Witness, event: (witness: Witness) => void): void {
    try {
      event(witness);
    } catch (thrown) {
      if (this.#reported.has(witness.name)) return;
      this.#reported.add(witness.name);
      const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      this.#ports.log.error(`${witness.name}: failed, please report this; bans go on: ${stack.replaceAll(/\s*\n\s*/g, '; ')}`);
    }
  }
}

function atMostNow(hit: Hit, now: Millis): Hit {
  return hit.at > now + SKEW ? { ...hit, at: now } : hit;
}
