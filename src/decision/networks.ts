// A set of networks that answers "does this touch any of them?" in the time of a binary search. Used by the allow-list.
import { rangeOf, type Network } from '../lib/address.ts';

/** A network, and the words that name it to people: `/etc/trapline/allow.txt:12`. */
export interface Named {
  readonly network: Network;
  readonly where: string;
}

/** First and last address in the sortable form of `rangeOf`. */
export type Range = ReturnType<typeof rangeOf>;

/**
 * Networks sorted by their first address. Two networks either nest or are apart, so with those inside others left out the rest is
 * apart, and at most a binary search finds what a range touches.
 */
export class NetworkSet {
  readonly #firsts: string[] = [];
  readonly #lasts: string[] = [];
  readonly #named: Named[] = [];
  /** How many networks were given, those inside others included. */
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

  /** The first member that shares an address with the range, or undefined. */
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
