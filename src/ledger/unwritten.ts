// Bans that are in force though the ledger could not write them down: what is known of them is laid over what the ledger says.
// A part of the backlog; pure memory.
import { containsNetwork, type Network } from '../lib/address.ts';
import type { Ban, Entry, Millis, Past, Subject } from '../types.ts';

interface Kept {
  readonly ban: Ban;
  /** It was told that its time is over; it stays as a past offence. */
  told: boolean;
}

/** Bans by network and jail. */
export class UnwrittenBans {
  readonly #kept = new Map<string, Kept>();

  /** How many there are, those that are over included. */
  get size(): number {
    return this.#kept.size;
  }

  /** Those whose end has not been told. */
  list(): readonly Ban[] {
    return [...this.#kept.values()].flatMap(({ ban, told }) => (told ? [] : [ban]));
  }

  /** Puts a ban in force. */
  set(ban: Ban): void {
    this.#kept.set(keyOf(ban.network, ban.jail), { ban, told: false });
  }

  /** All are written now. Only those stay that are over and were not told yet. */
  written(now: Millis): void {
    for (const [key, { ban, told }] of this.#kept) if (told || isInForce(ban, now)) this.#kept.delete(key);
  }

  /** What is known here of a network in a jail; undefined: ask the ledger. */
  past(asked: Subject | undefined): Past | undefined {
    const ban = asked && this.#kept.size > 0 ? this.#kept.get(keyOf(asked.network, asked.jail))?.ban : undefined;
    return ban && { bannedUntil: ban.until, lastOffence: ban.since, offences: ban.offence };
  }

  /** Bans of the ledger with those in force here; of two of one network and jail the one here. */
  merge(bans: readonly Ban[], within: Network | undefined, now: Millis): readonly Ban[] {
    const here = this.list().filter((ban) => isInForce(ban, now) && (within === undefined || containsNetwork(within, ban.network)));
    if (here.length === 0) return bans;
    const keys = new Set(here.map(({ network, jail }) => keyOf(network, jail)));
    return [...bans.filter(({ network, jail }) => !keys.has(keyOf(network, jail))), ...here];
  }

  /** Entries of the ledger with those of the bans here, of two the later end. `only`: of these networks alone. */
  mergeEntries(entries: readonly Entry[], only: ReadonlySet<Network> | undefined, now: Millis): readonly Entry[] {
    if (this.#kept.size === 0) return entries;
    const merged = new Map(entries.map((entry) => [entry.network, entry]));
    for (const ban of this.list()) {
      const { network, until } = ban;
      if (!isInForce(ban, now) || (only && !only.has(network))) continue;
      const other = merged.get(network);
      if (!other || (other.until !== null && (until === null || until > other.until))) merged.set(network, { network, until });
    }
    return [...merged.values()];
  }

  /** The bans that are over since this was asked last. */
  expire(now: Millis): readonly Ban[] {
    const over = [...this.#kept.values()].filter(({ ban, told }) => !told && !isInForce(ban, now));
    for (const kept of over) kept.told = true;
    return over.map(({ ban }) => ban);
  }

  /** The next end of a ban. */
  nextEnd(): Millis | undefined {
    const ends = this.list().flatMap(({ until }) => until ?? []);
    return ends.length === 0 ? undefined : ends.reduce((one, other) => Math.min(one, other));
  }

  /** Moves the ends of those in force at `now`, the time before the move. */
  moveEnds(by: Millis, now: Millis): void {
    for (const [key, { ban, told }] of this.#kept) this.#kept.set(key, { ban: moved(ban, by, now), told });
  }
}

/** The ban with its end moved, if it was in force at `now` and has one. */
export function moved(ban: Ban, by: Millis, now: Millis): Ban {
  return ban.until !== null && ban.until > now ? { ...ban, until: ban.until + by } : ban;
}

function isInForce({ until }: Ban, now: Millis): boolean {
  return until === null || until > now;
}

function keyOf(network: Network, jail: string): string {
  return `${jail} ${network}`;
}
