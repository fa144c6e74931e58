// Counts the hits of each network in a jail within its findtime. Only hits that have not led to a ban are stored.
import type { Network } from '../lib/address.ts';
import type { Millis } from '../words/ports.ts';

/** The count of a network after a hit. */
interface Count {
  /** The number of hits in the fullest span of findtime that includes this hit; at most maxretry. */
  readonly count: number;
  /** The time of the newest hit in that span. */
  readonly newest: Millis;
}

/** A single time is stored as a number without an array, because most networks hit once and a million of them have to fit in memory. */
type Times = number | readonly number[];

/**
 * Hit times by network, the newest `maxretry - 1` of each network, and as many near its last hit. Dates may be out of order: the final count
 * does not depend on the order.
 * At most `limit` hit times are kept over all networks, in two generations. When the young generation has grown to half of the limit, or is
 * older than findtime, it replaces the old generation. The networks of the old generation, whose hits are the oldest, are dropped.
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

  /** The number of hit times in memory, at most the limit. */
  get size(): number {
    return this.#youngTimes + this.#oldTimes;
  }

  /** Adds a hit, and returns the count after it. */
  add(network: Network, at: Millis): Count {
    if (this.#maxretry <= 1) return { count: 1, newest: at };
    const times = insert(this.#take(network), at);
    const counted = this.#count(times, at);
    this.#keep(network, this.#needed(times, at), at);
    return counted;
  }

  /**
   * A full count is a ban, after which the caller clears the network. So the newest maxretry - 1 times suffice while dates are in order. When the
   * clock was set back, the times near this hit are needed as well, because the next hits have times near this hit.
   */
  #needed(times: readonly number[], at: Millis): readonly number[] {
    const most = this.#maxretry - 1;
    const newest = Math.max(0, times.length - most);
    const end = times.findLastIndex((time) => time < at + this.#findtime) + 1;
    const start = Math.max(0, end - most);
    return start >= newest ? times.slice(newest) : [...times.slice(start, end), ...times.slice(Math.max(newest, end))];
  }

  /** The stored hit times of a network, oldest first. */
  timesOf(network: Network): readonly number[] {
    const times = this.#young.get(network) ?? this.#old.get(network) ?? [];
    return typeof times === 'number' ? [times] : times;
  }

  /** Replaces the stored hit times of a network with these. */
  putBack(network: Network, times: readonly number[]): void {
    this.#take(network);
    this.#keep(network, times, this.#youngSince);
  }

  /** Forgets a network, because it is banned now. */
  clear(network: Network): void {
    this.#take(network);
  }

  /** Finds the fullest span of findtime (its end included, its start excluded) that holds `at`. `times` are sorted. */
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

/** Copies the text into one piece. V8 stores a concatenated string as its parts, which doubles the memory of a million keys (measured). */
function flat(network: Network): Network {
  return Buffer.from(network, 'latin1').toString('latin1') as Network;
}

function insert(times: readonly number[], at: Millis): readonly number[] {
  const place = times.findLastIndex((time) => time <= at) + 1;
  return times.toSpliced(place, 0, at);
}
