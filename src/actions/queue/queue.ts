// Carries out the changes of one action, one call at a time. Changes that arrive during a call are merged into the next call. Changes that
// fail stay pending and are tried again later.
import { messageOf } from '../../errors.ts';
import type { Network } from '../../lib/address.ts';
import { waitAtMost } from '../../lib/patience.ts';
import type { Status } from '../../words/desk.ts';
import type { Action, Entry, Wanted } from '../../words/firewall.ts';
import type { Clock, Log, Millis } from '../../words/ports.ts';
import { allOf, deviationOf, mustRenew } from '../drift.ts';
import { Health } from './health.ts';
import { Lacking } from './lacking.ts';
import { Lookout } from './lookout.ts';
import { Looks, type Held } from './looks.ts';
import { Owed, type Wish } from './owed.ts';

export type { Held } from './looks.ts';
export type { Wish } from './owed.ts';

/** Ports and limits of a queue. */
export interface QueueOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Milliseconds to wait after a number of failures in a row. */
  readonly backoff: (failures: number) => Millis;
  /** Gets the networks that a firewall holds without a ban. They are removed, except those that this function bans or returns. */
  readonly found?: ((action: string, networks: readonly Network[]) => readonly Entry[]) | undefined;
}

/** When the queue is closed, a running call may take this many milliseconds more. */
const PATIENCE: Millis = 1000;

/** One action and its pending changes. No method rejects. */
export class ActionQueue {
  readonly #action: Action;
  readonly #options: QueueOptions;
  readonly #owed = new Owed();
  readonly #health: Health;
  readonly #lookout: Lookout;
  readonly #looks = new Looks();
  readonly #lacking = new Lacking();
  /** The `Wanted` of the sync that waits for its turn. */
  #sync: Wanted | undefined;
  /** True when the next sync sets everything again without a comparison. */
  #isWhole = false;
  /** The `Wanted` of the last sync, for a comparison after a change of the firewall. */
  #known: Wanted | undefined;
  /** Functions that resolve the promises of callers that wait for the next turn. */
  #waiting: (() => void)[] = [];
  /** Set while a turn is running, see `#turn`. */
  #busy: Promise<void> | undefined;
  /** The timer of the next try. */
  #timer: NodeJS.Timeout | undefined;
  #opened = false;
  #closed = false;
  #drift = 0;
  /** When all bans were last set; undefined: not yet. */
  #replacedAt: Millis | undefined;

  constructor(action: Action, options: QueueOptions) {
    this.#action = action;
    this.#options = options;
    this.#health = new Health({ name: action.name, ...options });
    this.#lookout = new Lookout(() => this.#known && void this.sync(this.#known));
    action.watch?.(() => this.#lookout.heard());
  }

  /** The state of the action, as `trapline status` shows it. */
  status(): Status['actions'][number] {
    const waiting = this.#owed.size;
    const { failing, lastError, since } = this.#health;
    const lacking = failing && this.#sync ? this.#lacking.count(this.#sync) : 0;
    return {
      name: this.#action.name,
      state: lastError === null ? 'ok' : 'failing',
      works: !failing,
      blocks: this.#action.blocks ?? true,
      owed: Math.max(waiting, lacking),
      lastError,
      since: since === null ? null : new Date(since).toISOString(),
      drift: this.#drift,
    };
  }

  /** Returns why a change of the network is pending (null: no call has failed); undefined when none is pending or the network is not covered. */
  owes(network: Network): string | null | undefined {
    if (!this.#covers(network)) return undefined;
    const { failing, lastError } = this.#health;
    return this.#owed.includes(network) || (failing && this.#lacking.has(network)) ? lastError : undefined;
  }

  /** Opens the action. Resolves after the attempt. */
  open(): Promise<void> {
    return this.#begin();
  }

  /** Adds wishes. Resolves after the first attempt to carry them out, or immediately while the action is failing. */
  add(wishes: Iterable<readonly [Network, Wish]>): Promise<void> {
    for (const [network, wish] of wishes) if (this.#covers(network)) this.#owed.add(network, wish);
    return this.#begin();
  }

  /**
   * Makes the firewall hold exactly the bans that `wanted` returns when the sync begins. `whole`: sets all of them again, because a
   * comparison does not detect changed ends of bans and, above `listable` bans, does not detect surplus networks. Resolves as `add` does.
   */
  sync(wanted: Wanted, whole = false): Promise<void> {
    this.#sync = wanted;
    this.#isWhole ||= whole;
    this.#known = wanted;
    return this.#begin();
  }

  /** Compares the firewall with the ledger, as a sync does. Resolves to the state of a banned network before the comparison. */
  async look(network: Network): Promise<Held> {
    const wanted = this.#known;
    if (!this.#covers(network)) return 'not covered';
    if (!wanted || this.#health.failing || this.#owed.has(network)) return 'owed';
    return this.#looks.of(network, () => this.sync(wanted));
  }

  /** Finishes the pending changes, then ends the action; a call that hangs is aborted after a second. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#lookout.stop();
    if (this.#busy) await waitAtMost(PATIENCE, this.#busy, () => undefined);
    try {
      await this.#action.close();
    } catch (thrown) {
      this.#options.log.warn(`${this.#action.name}: ${messageOf(thrown)}`);
    }
    await this.#busy;
  }

  #begin(): Promise<void> {
    if (this.#closed || this.#health.failing) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#busy ??= this.#turns();
    });
  }

  async #turns(): Promise<void> {
    // Wishes that are added before the caller yields belong to one batch.
    await Promise.resolve();
    this.#lookout.began();
    do await this.#turn();
    while (!this.#health.failing && (this.#owed.waits || this.#sync || this.#waiting.length > 0));
    this.#lookout.ended();
    this.#busy = undefined;
    if (this.#health.failing || (this.#owed.hasRefused && this.#timer === undefined)) this.#tryLater();
  }

  /**
   * Carries out the waiting sync or, when no sync waits, all wishes. While the action is failing, carries out all wishes and then the sync.
   * So new bans are set even if every sync fails, for example because the firewall cannot list its bans.
   */
  async #turn(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const sync = this.#sync;
    this.#sync = undefined;
    const isWhole = sync !== undefined && this.#isWhole;
    if (sync) this.#isWhole = false;
    const wishes = sync && !this.#health.failing ? undefined : this.#owed.take();
    try {
      if (!this.#opened) await this.#action.open();
      this.#opened = true;
      if (wishes) await this.#apply(wishes);
      if (sync) await this.#makeEqual(sync, isWhole);
      this.#health.worked(this.#owed.hasRefused);
    } catch (thrown) {
      this.#owed.putBack();
      this.#sync ??= sync;
      this.#isWhole ||= isWhole;
      this.#opened = false;
      this.#health.failed(thrown);
    }
    for (const resolve of waiting) resolve();
  }

  async #apply(wishes: ReadonlyMap<Network, Wish>): Promise<void> {
    const now = this.#options.clock();
    const gone: Network[] = [];
    const entries: Entry[] = [];
    for (const [network, until] of wishes) {
      if (until === 'gone' || (until !== null && until <= now)) gone.push(network);
      else entries.push({ network, until });
    }
    const refused = [
      ...(gone.length > 0 ? await this.#action.unban(gone) : []),
      ...(entries.length > 0 ? await this.#action.ban(entries) : []),
    ];
    for (const network of gone) this.#lacking.lifted(network);
    for (const { network } of entries) this.#lacking.set(network);
    this.#owed.settle(refused.map(({ network }) => network));
    this.#health.refused(refused);
  }

  async #makeEqual(wanted: Wanted, isWhole: boolean): Promise<void> {
    const { clock, log, found: report } = this.#options;
    const since = isWhole ? undefined : this.#replacedAt;
    const waits = (network: Network): boolean => this.#owed.has(network);
    const found = since === undefined ? undefined : await deviationOf(this.#action, this.#looks.among(wanted), { clock, waits });
    this.#looks.settle(found);
    let kept: readonly Entry[] = [];
    if (since !== undefined && found !== undefined) {
      if (found.count === 0 && !mustRenew(this.#action, () => this.#inForce(wanted), since, clock())) return;
      if (found.count > 0) {
        this.#drift += found.count;
        this.#lacking.found(found.missing);
        log.warn(`${this.#action.name}: ${found.text}; correcting the firewall`);
        if (found.extra.length > 0) kept = report?.(this.#action.name, found.extra) ?? [];
        await this.#action.open();
      }
    }
    const now = clock();
    const entries = [...this.#inForce(wanted), ...kept];
    // `entries` comes from the ledger, which includes every wish that waits.
    this.#owed.takeAll(entries);
    const refused = await this.#action.replace(entries);
    this.#replacedAt = now;
    this.#lacking.equal();
    this.#owed.settle(refused.map(({ network }) => network));
    this.#health.refused(refused);
  }

  /** The wanted bans that have not ended and that the action covers. */
  #inForce(wanted: Wanted): readonly Entry[] {
    const entries = allOf(wanted);
    // The clock is read after the query, which takes a second for a million bans.
    const now = this.#options.clock();
    return entries.filter(({ network, until }) => this.#covers(network) && (until === null || until > now));
  }

  #covers(network: Network): boolean {
    return this.#action.covers?.(network) ?? true;
  }

  #tryLater(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#owed.retry();
      this.#busy ??= this.#turns();
    }, this.#health.pause).unref();
  }
}
