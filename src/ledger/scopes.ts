// Finds the bans that each action has to hold. An action may serve only some jails, so two actions may hold a network with different ends.
import type { Network } from '../lib/address.ts';
import type { Change, Entry, Scope, Wanted } from '../words/firewall.ts';
import type { Ban } from '../words/walk.ts';
import type { Standing } from './standing.ts';

/** The actions of one ledger. Works out the changes for each action when bans begin or end. */
export class Scopes {
  readonly #standing: Standing;
  readonly #scopes: () => readonly Scope[];
  /** The row of the table at which the last sample of each action ended. */
  readonly #sampled = new Map<string, number>();

  constructor(standing: Standing, scopes: () => readonly Scope[]) {
    this.#standing = standing;
    this.#scopes = scopes;
  }

  /**
   * The entries that each action has to hold and the networks that it has to free, after these bans have begun or ended. Actions that hold
   * none of these bans are left out. Scopes with equal `without` share one query.
   */
  changes(bans: readonly Ban[]): readonly Change[] {
    if (bans.length === 0) return [];
    const shared = new Map<string, Omit<Change, 'action'>>();
    const changes: Change[] = [];
    for (const { action, without } of this.#scopes()) {
      const key = JSON.stringify([...without].toSorted());
      const change = shared.get(key) ?? this.#change(bans, without);
      shared.set(key, change);
      if (change.hold.length > 0 || change.free.length > 0) changes.push({ action, ...change });
    }
    return changes;
  }

  /**
   * Returns all entries that an action has to hold. When there are more than `most`, each call returns the next page of entries as a sample.
   * An action without a scope holds the bans of every jail.
   */
  wanted(action: string): Wanted {
    return (most) => {
      const without = this.#scopes().find((scope) => scope.action === action)?.without;
      const count = this.#standing.count(without);
      if (count <= most) return this.#standing.entries(without);
      const { bans, last } = this.#standing.page(this.#sampled.get(action) ?? -Infinity);
      this.#sampled.set(action, last);
      return { count, sample: this.#standing.entriesFor(networksOf(bans, without), without) };
    };
  }

  #change(bans: readonly Ban[], without: ReadonlySet<string>): Omit<Change, 'action'> {
    const networks = networksOf(bans, without);
    const hold = networks.length === 0 ? [] : this.#standing.entriesFor(networks, without);
    return { hold, free: hold.length === networks.length ? [] : missing(networks, hold) };
  }
}

function networksOf(bans: readonly Ban[], without: ReadonlySet<string> | undefined): readonly Network[] {
  const served = without === undefined || without.size === 0 ? bans : bans.filter(({ jail }) => !without.has(jail));
  return [...new Set(served.map(({ network }) => network))];
}

function missing(networks: readonly Network[], held: readonly Entry[]): readonly Network[] {
  const found = new Set(held.map(({ network }) => network));
  return networks.filter((network) => !found.has(network));
}
