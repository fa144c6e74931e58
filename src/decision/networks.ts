// A set of networks for the allow-list. A binary search finds a network that shares an address with a given range.
import { rangeOf, type Network } from '../lib/address.ts';

/** A network and, for messages, the place where it is written: `/etc/trapline/allow.txt:12`. */
export interface Named {
  readonly network: Network;
  readonly where: string;
}

/** First and last address in the sortable form of `rangeOf`. */
export type Range = ReturnType<typeof rangeOf>;

/**
 * Networks sorted by their first address. Two networks are either nested or disjoint. A network inside another network is left out. So the
 * remaining networks are disjoint and also sorted by their last address, as the binary search requires.
 */
export class NetworkSet {
  readonly #firsts: string[] = [];
  readonly #lasts: string[] = [];
  readonly #named: Named[] = [];
  /** The number of networks that the constructor got, including networks inside another network. */
  readonly size: number;

  constructor(networks: readonly Named[]) {
    this.size = networks.length;
    const ranged = networks.map((named) => ({ named, ...rangeOf(named.network) }));
    ranged.sort((one, other) => compare(one.first, other.first) || compare(other.last, one.last));
    for (const { named, first, last } of ranged) {
      if (last <= (this.#lasts.at(-1) ?? '')) continue;
      this.#firsts.push(first);
      this.#lasts.push(last);
      this.#named.push(named);
    }
  }

  /** Returns the first network that shares an address with the range; undefined when there is none. */
  touching(range: Range): Named | undefined {
    let low = 0;
    let high = this.#lasts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lasts[middle] ?? '') < range.first) low = middle + 1;
      else high = middle;
    }
    const first = this.#firsts[low];
    return first !== undefined && first <= range.last ? this.#named[low] : undefined;
  }
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
