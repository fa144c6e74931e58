// The walk: bytes of whole lines -> hits -> verdicts -> one durable record -> bans in the firewall. The one file to read first, and the
// only place that calls the rooms in a row; each room's door is handed to it.
import type { Ban, Batch, Clock, Hit, Log, Millis, Past, Source, Verdict } from './types.ts';
import type { Network } from './lib/address.ts';
import { LedgerError, messageOf } from './errors.ts';

/** The doors of the rooms, in the order in which a batch goes through them. */
export interface Doors {
  /** Lines to hits. Pure. */
  readonly match: (batch: Batch) => readonly Hit[];
  /** Hits to verdicts, given what the ledger knows. Pure. */
  readonly decide: (hits: readonly Hit[], past: Doors['past']) => readonly Verdict[];
  /** What the ledger knows of a network in a jail. */
  readonly past: (network: Network, jail: string) => Past;
  /** Verdicts and cursor in one durable write; the bans that are newly in force. */
  readonly record: (verdicts: readonly Verdict[], cursor?: { source: string; cursor: string }) => readonly Ban[];
  /** Bans to the firewall. Never rejects: what fails is owed. */
  readonly enforce: (bans: readonly Ban[]) => void;
  /** Told of every verdict once it is recorded. */
  readonly report: (verdicts: readonly Verdict[]) => void;
}

/** A date further ahead of the clock than this is a wrong clock, and counts as now. */
const SKEW: Millis = 3_600_000;

/** A cursor alone, with no hit before it, is written this often: reading such lines again after a crash changes nothing. */
const CURSOR_INTERVAL: Millis = 5_000;

/** Verdicts that are kept in memory while the ledger cannot be written. */
const UNRECORDED_LIMIT = 100_000;

/** One source on its way through the rooms. */
export class Pipeline {
  readonly #source: Source;
  readonly #doors: () => Doors;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Where the next record says that reading stopped; undefined when that is written down already. */
  #cursor: string | undefined;
  #cursorAt: Millis;
  #unrecorded: readonly Verdict[] = [];
  #failing = false;

  /** `doors` is asked once a batch, so that they can be exchanged between two batches. */
  constructor(source: Source, doors: () => Doors, ports: { readonly clock: Clock; readonly log: Log }) {
    this.#source = source;
    this.#doors = doors;
    this.#clock = ports.clock;
    this.#log = ports.log;
    this.#cursorAt = ports.clock();
  }

  /** Walks every batch from the cursor on until the signal aborts; then writes down where it stopped. Rejects when the source does. */
  async run(from: string | undefined, signal: AbortSignal): Promise<void> {
    try {
      for await (const batch of this.#source.read(from, signal)) this.#step(batch);
    } finally {
      this.#flush();
    }
  }

  #step(batch: Batch): void {
    const doors = this.#doors();
    const hits = doors.match(batch).map((hit) => atMostNow(hit, this.#clock()));
    const verdicts = doors.decide(hits, doors.past);
    this.#cursor = batch.cursor ?? this.#cursor;
    if (verdicts.length > 0) this.#record(doors, verdicts);
    else if (this.#clock() - this.#cursorAt >= CURSOR_INTERVAL || this.#clock() < this.#cursorAt) this.#flush();
  }

  #record(doors: Doors, verdicts: readonly Verdict[]): void {
    const all = this.#unrecorded.length > 0 ? [...this.#unrecorded, ...verdicts].slice(-UNRECORDED_LIMIT) : verdicts;
    try {
      const bans = doors.record(all, this.#position());
      this.#recorded();
      doors.enforce(bans);
    } catch (thrown) {
      if (!(thrown instanceof LedgerError)) throw thrown;
      if (!this.#failing) this.#log.error(`${messageOf(thrown)}; bans go on, and are written down when it can be written again`);
      this.#failing = true;
      this.#unrecorded = all;
      doors.enforce(
        verdicts.flatMap((verdict) => (verdict.kind === 'ban' && inForce(verdict.ban, this.#clock()) ? [verdict.ban] : [])),
      );
    }
    doors.report(verdicts);
  }

  #flush(): void {
    if (this.#cursor === undefined && this.#unrecorded.length === 0) return;
    try {
      this.#doors().record(this.#unrecorded, this.#position());
      this.#recorded();
    } catch (thrown) {
      if (!(thrown instanceof LedgerError)) throw thrown;
      if (!this.#failing) this.#log.error(messageOf(thrown));
      this.#failing = true;
    }
  }

  #recorded(): void {
    if (this.#failing) this.#log.notice('the ledger can be written again, nothing was lost');
    this.#failing = false;
    this.#unrecorded = [];
    this.#cursor = undefined;
    this.#cursorAt = this.#clock();
  }

  #position(): { source: string; cursor: string } | undefined {
    return this.#cursor === undefined ? undefined : { source: this.#source.name, cursor: this.#cursor };
  }
}

function atMostNow(hit: Hit, now: Millis): Hit {
  return hit.at > now + SKEW ? { ...hit, at: now } : hit;
}

function inForce(ban: Ban, now: Millis): boolean {
  return ban.until === null || ban.until > now;
}
