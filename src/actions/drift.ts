// What a firewall holds beside what it should hold, and when to look because somebody was heard changing it. Parts of the work of one action.
import type { Network } from '../lib/address.ts';
import type { Action, Clock, Entry, Millis, Wanted } from '../types.ts';

/** A ban this close to its end may be gone from the firewall already: kernels and ledgers round differently. */
const ROUNDING: Millis = 2000;

/** How far a firewall is from what it should hold. */
export interface Drift {
  readonly missing: number;
  readonly extra: number;
  /** In words. */
  readonly text: string;
}

/**
 * Compares a firewall with what is wanted; those that `waits` names are still to be set or lifted. When there are too many to be listed, a
 * sample is looked for, and rules are made afresh unseen. Rejects as the action does.
 */
export async function driftOf(
  action: Action,
  wanted: Wanted,
  options: { readonly clock: Clock; readonly waits: (network: Network) => boolean },
): Promise<Drift> {
  const found = wanted(action.listable ?? Infinity);
  const list = await ('sample' in found ? undefined : action.list?.());
  const now = options.clock();
  const settled = ({ network, until }: Entry): boolean =>
    (action.covers?.(network) ?? true) && !options.waits(network) && (until === null || until > now + ROUNDING);
  if ('sample' in found) {
    const networks = found.sample.filter(settled).map((entry) => entry.network);
    const there = networks.length === 0 || (await action.holds?.(networks)) !== false;
    if (there) await action.open();
    return { missing: there ? 0 : 1, extra: 0, text: `of ${networks.length} bans looked for not all were there` };
  }
  const held = new Set(list);
  const missing = found.filter((entry) => settled(entry) && !held.has(entry.network)).length;
  for (const { network } of found) held.delete(network);
  const extra = [...held].filter((network) => !options.waits(network)).length;
  return { missing, extra, text: `${missing} bans were missing and ${extra} were too many` };
}

/** True when an end that lies beyond the horizon of an action was set so long ago (at `since`) that it has to be set again. */
export function mustRenew(
  { horizon }: Pick<Action, 'horizon'>,
  entries: () => readonly Entry[],
  since: Millis,
  now: Millis,
): boolean {
  if (horizon === undefined || Math.abs(now - since) < horizon / 2) return false;
  return entries().some(({ until }) => until === null || until > since + horizon);
}

/** Looks come so long after a change was heard, so that whoever makes it can finish, and so far apart. */
const SETTLE: Millis = 50;
const INTERVAL: Millis = 1000;

/** A change that may be our own is looked at after this: one look for many, at a small price. */
const DOUBT: Millis = 5000;

/** Decides when to look. A look that changes the firewall is heard in its turn; the next one then finds nothing to do, and that was the last. */
export class Lookout {
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  #last = -INTERVAL;
  #stopped = false;

  constructor(look: () => void) {
    this.#look = look;
  }

  /** A change was heard; `own` when it may be ours. */
  heard(own: boolean): void {
    const now = performance.now();
    const due = Math.max(now + (own ? DOUBT : SETTLE), this.#last + INTERVAL);
    if (this.#stopped || due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      this.#last = performance.now();
      this.#look();
    }, due - now).unref();
  }

  /** Looks no more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
