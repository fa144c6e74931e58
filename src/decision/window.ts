// Counts the hits of each network in a jail within its findtime. A part of decision; holds the only memory of what is not yet a ban.
import type { Network } from '../lib/address.ts';
import type { Millis } from '../types.ts';

/** What a hit came to in its window. */
export interface Count {
  /** Hits in the fullest span of findtime that holds this hit, itself among them; at most maxretry. */
  readonly count: number;
  /** The newest of those. */
  readonly newest: Millis;
}

/** One time is kept as a bare number: most networks never come back, and a million of them should be cheap. */
type Times = number | readonly number[];

/**
 * Hit times by network, the newest `maxretry - 1` of each. Dates may come out of order: the same hits in another order reach the same
 * count. Memory is bounded by `limit` times over all networks: they live in two generations, and when the young one is half of the
 * limit, or older than findtime, the old one is dropped, which holds the networks that were quiet longest.
 */
export class Window {
  readonly #maxretry: number;
  readonly #findtime: Millis;
  readonly #half: number;
  #young = new Map<Network, Times>();
  #old = new Map<Network, Times>();
  #youngTimes = 0;
  #oldTimes = 0;
  #youngSince = Number.NEGATIVE_INFINITY;

  constructor(maxretry: number, findtime: Millis, limit: number) {
    this.#maxretry = maxretry;
    this.#findtime = findtime;
    this.#half = Math.max(1, Math.floor(limit / 2));
  }

  /** Hit times in memory, at most the limit. */
  get size(): number {
    return this.#youngTimes + this.#oldTimes;
  }

  /** Takes a hit in and counts. */
  add(network: Network, at: Millis): Count {
    if (this.#maxretry <= 1) return { count: 1, newest: at };
    const times = insert(this.#take(network), at);
    const counted = this.#count(times, at);
    // A count that is full is a ban, after which the caller clears the window: more times than these are never needed.
    this.#keep(network, times.slice(-(this.#maxretry - 1)), at);
    return counted;
  }

  /** Forgets a network: it is banned now. */
  clear(network: Network): void {
    this.#take(network);
  }

  /** The fullest span of findtime (its end included, its start not) which holds `at`; times are sorted. */
  #count(times: readonly number[], at: Millis): Count {
    let best: Count = { count: 0, newest: at };
    let start = 0;
    for (const [end, newest] of times.entries()) {
      if (newest >= at + this.#findtime) break;
      while ((times[start] ?? newest) <= newest - this.#findtime) start += 1;
      if (newest >= at && end - start + 1 > best.count) best = { count: end - start + 1, newest };
    }
    return best;
  }

  #take(network: Network): readonly number[] {
    const young = this.#young.get(network);
    const times = young ?? this.#old.get(network);
    if (times === undefined) return [];
    const list = typeof times === 'number' ? [times] : times;
    if (young === undefined) {
      this.#old.delete(network);
      this.#oldTimes -= list.length;
    } else {
      this.#young.delete(network);
      this.#youngTimes -= list.length;
    }
    return list;
  }

  #keep(network: Network, times: readonly number[], at: Millis): void {
    const [first] = times;
    if (first === undefined) return;
    if (this.#youngTimes + times.length > this.#half || at - this.#youngSince >= this.#findtime) {
      this.#old = this.#young;
      this.#oldTimes = this.#youngTimes;
      this.#young = new Map();
      this.#youngTimes = 0;
      this.#youngSince = at;
    }
    this.#young.set(flat(network), times.length === 1 ? first : times);
    this.#youngTimes += times.length;
  }
}

/** The same text in one piece: V8 keeps a concatenated string with its parts, which doubles what a million keys take (measured). */
function flat(network: Network): Network {
  return Buffer.from(network, 'latin1').toString('latin1') as Network;
}

function insert(times: readonly number[], at: Millis): readonly number[] {
  const place = times.findLastIndex((time) => time <= at) + 1;
  return times.toSpliced(place, 0, at);
}
