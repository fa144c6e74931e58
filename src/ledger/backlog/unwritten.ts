// Keeps bans in force in memory while the file cannot be written. Code that reads bans from the file merges these bans with the rows.
import { containsNetwork, type Network } from '../../lib/address.ts';
import type { Entry } from '../../words/firewall.ts';
import type { Millis } from '../../words/ports.ts';
import type { Ban, Past, Subject } from '../../words/walk.ts';
import type { Move } from '../clock.ts';

interface Kept {
  readonly ban: Ban;
  /** True when `expire` has returned the ban. The ban is then kept as a past offence. */
  isReported: boolean;
}

/** Bans that wait to be written, by network and jail. */
export class UnwrittenBans {
  readonly #kept = new Map<string, Kept>();
  /**
   * The bans in the file whose end is not after this instant were reported as ended, but could not be deleted. Undefined: there are no bans of
   * this kind.
   */
  reportedUntil: Millis | undefined;

  /** The number of bans, including expired bans. */
  get size(): number {
    return this.#kept.size;
  }

  /** Bans whose end was not reported. */
  list(): readonly Ban[] {
    return [...this.#kept.values()].flatMap(({ ban, isReported }) => (isReported ? [] : [ban]));
  }

  /** Puts a ban in force. The ban replaces an earlier ban of its network and jail. */
  set(ban: Ban): void {
    this.#kept.set(keyOf(ban.network, ban.jail), { ban, isReported: false });
  }

  /** Must be called when everything was written. Keeps only expired bans whose end was not reported yet. */
  written(now: Millis): void {
    for (const [key, { ban, isReported }] of this.#kept) if (isReported || isInForce(ban, now)) this.#kept.delete(key);
  }

  /** The history of a network in a jail, from its unwritten ban. Undefined: there is no unwritten ban, so the history in the file counts. */
  past(asked: Subject | undefined): Past | undefined {
    const ban = asked && this.#kept.size > 0 ? this.#kept.get(keyOf(asked.network, asked.jail))?.ban : undefined;
    return ban && { bannedUntil: ban.until, lastOffence: ban.since, offences: ban.offence };
  }

  /** Merges bans of the file with the unwritten bans in force. An unwritten ban replaces the ban of its network and jail in the file. */
  merge(bans: readonly Ban[], within: Network | undefined, now: Millis): readonly Ban[] {
    return this.#merged(bans, now, (network) => within === undefined || containsNetwork(within, network));
  }

  /** Merges the bans of a network, and of the networks that contain it, as `merge` does. */
  mergeAround(bans: readonly Ban[], inside: Network, now: Millis): readonly Ban[] {
    return this.#merged(bans, now, (network) => containsNetwork(network, inside));
  }

  #merged(bans: readonly Ban[], now: Millis, counts: (network: Network) => boolean): readonly Ban[] {
    const here = this.list().filter((ban) => isInForce(ban, now) && counts(ban.network));
    if (here.length === 0) return bans;
    const keys = new Set(here.map(({ network, jail }) => keyOf(network, jail)));
    return [...bans.filter(({ network, jail }) => !keys.has(keyOf(network, jail))), ...here];
  }

  /**
   * Merges entries of the file with the unwritten bans in force. The result has each network once, with the later end. Unwritten bans of the
   * jails in `without` are left out. With `only`, unwritten bans of networks that are not in `only` are left out too.
   */
  mergeEntries(
    entries: readonly Entry[],
    asked: { readonly now: Millis; readonly without: ReadonlySet<string>; readonly only?: ReadonlySet<Network> },
  ): readonly Entry[] {
    if (this.#kept.size === 0) return entries;
    const { now, without, only } = asked;
    const merged = new Map(entries.map((entry) => [entry.network, entry]));
    for (const ban of this.list()) {
      const { network, until, jail } = ban;
      if (!isInForce(ban, now) || without.has(jail) || (only && !only.has(network))) continue;
      const other = merged.get(network);
      if (!other || (other.until !== null && (until === null || until > other.until))) merged.set(network, { network, until });
    }
    return [...merged.values()];
  }

  /** Returns bans that have expired since the last call. They count as reported from now on. */
  expire(now: Millis): readonly Ban[] {
    const over = [...this.#kept.values()].filter(({ ban, isReported }) => !isReported && !isInForce(ban, now));
    for (const kept of over) kept.isReported = true;
    return over.map(({ ban }) => ban);
  }

  /** The earliest end of the bans whose end was not reported. Undefined: no such ban has an end. */
  nextEnd(): Millis | undefined {
    const ends = this.list().flatMap(({ until }) => until ?? []);
    return ends.length === 0 ? undefined : ends.reduce((one, other) => Math.min(one, other));
  }

  /** Moves ends, or whole bans. */
  move(move: Move): void {
    for (const [key, { ban, isReported }] of this.#kept) this.#kept.set(key, { ban: moved(ban, move), isReported });
  }

  /** Must be called when bans in the file were moved. Moves `reportedUntil` with the ends. */
  movedInFile(moves: readonly Move[]): void {
    for (const { kind, by } of moves) if (kind === 'ends' && this.reportedUntil !== undefined) this.reportedUntil += by;
  }
}

/** The ban after a move, which may leave it as it is. */
export function moved(ban: Ban, move: Move): Ban {
  const { since, until } = ban;
  if (move.kind === 'ends') return until !== null && until > move.after ? { ...ban, until: until + move.by } : ban;
  return since >= move.from ? { ...ban, since: since + move.by, until: until === null ? null : until + move.by } : ban;
}

function isInForce({ until }: Ban, now: Millis): boolean {
  return until === null || until > now;
}

function keyOf(network: Network, jail: string): string {
  return `${jail} ${network}`;
}
