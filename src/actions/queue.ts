// The work of one action: merged while a batch is running, one call at a time, owed when it fails and tried again later.
// What is owed is kept per network, the newest wish only, so that it cannot grow beyond the networks there are.
import { ActionError, messageOf } from '../errors.ts';
import { formatNetwork, type Network } from '../lib/address.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Action, Clock, Entry, Log, Millis, Refused, Status, Wanted } from '../types.ts';
import { driftOf, Lookout, mustRenew } from './drift.ts';

/** What a network is to come to: banned until then (null: for ever), or not banned at all. */
export type Wish = Millis | null | 'gone';

/** Ports and limits of a queue. */
export interface QueueOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Milliseconds to wait after so many failures in a row. */
  readonly backoff: (failures: number) => Millis;
}

/** Milliseconds that a running call is waited for when the queue is closed. */
const PATIENCE: Millis = 1000;

/** For so long after a call what is heard of changes may be the call's own. */
const ECHO: Millis = 200;

/** More bans than these are counted by whoever keeps them. */
const COUNTED = 1000;

/** One action and what it still has to do. Nothing here rejects. */
export class ActionQueue {
  readonly #action: Action;
  readonly #options: QueueOptions;
  readonly #wishes = new Map<Network, Wish>();
  readonly #refused = new Map<Network, Wish>();
  #inHand = 0;
  #wanted: Wanted | undefined;
  /** What was wanted last, for comparing when somebody changes the firewall. */
  #known: Wanted | undefined;
  readonly #lookout: Lookout;
  #calledAt = 0;
  #waiting: (() => void)[] = [];
  #busy: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #opened = false;
  #closed = false;
  #failures = 0;
  #refusals = 0;
  #lastError: string | null = null;
  #drift = 0;
  /** When everything was last replaced; undefined: not yet. */
  #replacedAt: Millis | undefined;

  constructor(action: Action, options: QueueOptions) {
    this.#action = action;
    this.#options = options;
    this.#lookout = new Lookout(() => this.#known && void this.sync(this.#known));
    action.watch?.(() => this.#lookout.heard(this.#busy !== undefined || performance.now() - this.#calledAt < ECHO));
  }

  /** How the action is. */
  status(): Status['actions'][number] {
    const waiting = this.#wishes.size + this.#refused.size + this.#inHand;
    const owed = this.#failures > 0 && this.#wanted ? Math.max(waiting, countOf(this.#wanted)) : waiting;
    const state = this.#lastError === null ? 'ok' : 'failing';
    return { name: this.#action.name, state, owed, lastError: this.#lastError, drift: this.#drift };
  }

  /** Opens the action. Resolves when that was tried. */
  open(): Promise<void> {
    return this.#begin();
  }

  /** Adds wishes. Resolves when they were tried once, at once while the action is failing. */
  add(wishes: Iterable<readonly [Network, Wish]>): Promise<void> {
    for (const [network, wish] of wishes) {
      if (!(this.#action.covers?.(network) ?? true)) continue;
      this.#refused.delete(network);
      this.#wishes.set(network, wish);
    }
    return this.#begin();
  }

  /** Makes the firewall hold what `wanted` returns when its turn comes. Resolves as `add` does. */
  sync(wanted: Wanted): Promise<void> {
    this.#wanted = wanted;
    this.#known = wanted;
    return this.#begin();
  }

  /** Ends the action after what is in hand and can be done; a call that hangs is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#lookout.stop();
    let patience: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (patience = setTimeout(resolve, PATIENCE)));
    await Promise.race([this.#busy, late]);
    clearTimeout(patience);
    try {
      await this.#action.close();
    } catch (thrown) {
      this.#options.log.warn(`${this.#action.name}: ${messageOf(thrown)}`);
    }
    await this.#busy;
  }

  #begin(): Promise<void> {
    if (this.#closed || this.#failures > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#busy ??= this.#turns();
    });
  }

  async #turns(): Promise<void> {
    // What is added in the same breath belongs to the same batch.
    await Promise.resolve();
    do await this.#turn();
    while (this.#failures === 0 && (this.#wishes.size > 0 || this.#wanted || this.#waiting.length > 0));
    this.#busy = undefined;
    this.#calledAt = performance.now();
    if (this.#failures > 0) this.#later(this.#failures);
    else if (this.#refused.size > 0 && this.#timer === undefined) this.#later(this.#refusals);
  }

  async #turn(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const wanted = this.#wanted;
    this.#wanted = undefined;
    const taken = wanted ? [] : [...this.#wishes];
    if (!wanted) this.#wishes.clear();
    this.#inHand = taken.length;
    try {
      if (!this.#opened) await this.#action.open();
      this.#opened = true;
      if (wanted) await this.#makeEqual(wanted);
      else await this.#apply(taken);
      this.#works();
    } catch (thrown) {
      for (const [network, wish] of taken) if (!this.#wishes.has(network)) this.#wishes.set(network, wish);
      this.#wanted ??= wanted;
      this.#fails(thrown);
    }
    this.#inHand = 0;
    for (const resolve of waiting) resolve();
  }

  async #apply(taken: readonly (readonly [Network, Wish])[]): Promise<void> {
    const now = this.#options.clock();
    const over = (wish: Wish): boolean => wish === 'gone' || (wish !== null && wish <= now);
    const gone = taken.filter(([, wish]) => over(wish)).map(([network]) => network);
    const entries = taken.flatMap(([network, until]) => (until === 'gone' || over(until) ? [] : [{ network, until }]));
    const refused = [
      ...(gone.length > 0 ? await this.#action.unban(gone) : []),
      ...(entries.length > 0 ? await this.#action.ban(entries) : []),
    ];
    this.#owe(refused, new Map(taken));
  }

  async #makeEqual(wanted: Wanted): Promise<void> {
    const { clock, log } = this.#options;
    const since = this.#replacedAt;
    if (since !== undefined && this.#action.list) {
      const waits = (network: Network): boolean => this.#wishes.has(network) || this.#refused.has(network);
      const drift = await driftOf(this.#action, wanted, { clock, waits });
      const differ = drift.missing + drift.extra;
      if (differ === 0 && !mustRenew(this.#action, () => this.#all(wanted), since, clock())) return;
      if (differ > 0) {
        this.#drift += differ;
        log.warn(`${this.#action.name}: ${drift.text}; setting that right`);
        await this.#action.open();
      }
    }
    const now = clock();
    const entries = this.#all(wanted);
    // All that waits is in the ledger, and so in `entries`.
    this.#wishes.clear();
    this.#refused.clear();
    this.#inHand = entries.length;
    const refused = await this.#action.replace(entries);
    this.#replacedAt = now;
    this.#owe(refused, new Map(entries.map(({ network, until }) => [network, until])));
  }

  /** All that is to be in the firewall now. */
  #all(wanted: Wanted): readonly Entry[] {
    const now = this.#options.clock();
    const found = wanted(Infinity);
    const entries = 'sample' in found ? found.sample : found;
    return entries.filter(({ network, until }) => (this.#action.covers?.(network) ?? true) && (until === null || until > now));
  }

  #owe(refused: readonly Refused[], wishes: ReadonlyMap<Network, Wish>): void {
    for (const { network } of refused) if (!this.#wishes.has(network)) this.#refused.set(network, wishes.get(network) ?? 'gone');
    const [first] = refused;
    this.#refusals = first ? this.#refusals + 1 : this.#refusals;
    if (!first) return;
    const text = `${first.because} (${formatNetwork(first.network)}${refused.length > 1 ? ` and ${refused.length - 1} more` : ''})`;
    if (text !== this.#lastError) this.#options.log.warn(`${this.#action.name}: ${text}; not in force, tried again later`);
    this.#lastError = text;
  }

  #works(): void {
    if (this.#failures > 0) this.#options.log.notice(`${this.#action.name}: works again`);
    this.#failures = 0;
    if (this.#refused.size > 0) return;
    this.#refusals = 0;
    this.#lastError = null;
  }

  #fails(thrown: unknown): void {
    const text = messageOf(thrown);
    this.#failures += 1;
    this.#opened = false;
    if (text !== this.#lastError) {
      const wait = formatDuration(this.#options.backoff(this.#failures));
      const place = thrown instanceof ActionError ? '' : ' (unexpected)';
      this.#options.log.error(`${this.#action.name}: ${text}${place}; bans are owed, next try in ${wait}`);
    }
    this.#lastError = text;
  }

  #later(failures: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const [network, wish] of this.#refused) if (!this.#wishes.has(network)) this.#wishes.set(network, wish);
      this.#refused.clear();
      this.#busy ??= this.#turns();
    }, this.#options.backoff(failures)).unref();
  }
}

function countOf(wanted: Wanted): number {
  try {
    const found = wanted(COUNTED);
    return 'sample' in found ? found.count : found.length;
  } catch {
    return 0;
  }
}
