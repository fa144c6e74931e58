// Networks of one family as rows of numbers in one typed array. A million IPv4 networks take 8 MB, a million IPv6 networks 20 MB.
import type { Family } from '../address.ts';
import { sortRows } from './sort.ts';
import type { Span } from './span.ts';

/** The largest tag of a row. */
export const LARGEST_TAG = 2 ** 24 - 1;

/**
 * A row is the words of its first address, and one word of the prefix length (8 bits) and the tag (24 bits). So sorting puts the larger
 * of two networks with one first address first, and the lower tag of two equal networks first.
 */
const TAGS = 2 ** 24;

/** A list of rows. Most methods need the rows in order and disjoint, as `settle` leaves them. */
export class Rows {
  readonly family: Family;
  /** The number of words of an address: 1 or 4. */
  readonly width: number;
  words: Uint32Array;
  count = 0;

  /** `capacity`: the expected number of rows. The system backs memory only when a row is written to it, so a high estimate costs nothing. */
  constructor(family: Family, capacity: number) {
    this.family = family;
    this.width = family === 4 ? 1 : 4;
    this.words = new Uint32Array(Math.max(1, capacity) * this.stride);
  }

  /** The number of words of a row. */
  get stride(): number {
    return this.width + 1;
  }

  /** Adds a row. The address is the `width` words of `words` from `at`. A tag above LARGEST_TAG becomes LARGEST_TAG. */
  push(words: Uint32Array, at: number, prefix: number, tag: number): void {
    const end = this.count * this.stride;
    if (end === this.words.length) this.#grow();
    for (let index = 0; index < this.width; index += 1) this.words[end + index] = words[at + index] ?? 0;
    this.words[end + this.width] = prefix * TAGS + Math.min(tag, LARGEST_TAG);
    this.count += 1;
  }

  /** The prefix length of a row. */
  prefixAt(row: number): number {
    return (this.words[row * this.stride + this.width] ?? 0) >>> 24;
  }

  /** The tag of a row. */
  tagAt(row: number): number {
    return (this.words[row * this.stride + this.width] ?? 0) & LARGEST_TAG;
  }

  /**
   * Sorts the rows by their first address, and drops each network inside another network. Of equal networks, the network with the lowest
   * tag stays. The remaining networks are disjoint.
   */
  settle(): void {
    sortRows(this.words, this.stride, this.count);
    const all = this.count;
    const { stride } = this;
    this.count = Math.min(1, all);
    for (let row = 1; row < all; row += 1) {
      const last = this.count - 1;
      if (this.sharedBits(last, this.words, row * stride) >= this.prefixAt(last)) continue;
      this.words.copyWithin(this.count * stride, row * stride, (row + 1) * stride);
      this.count += 1;
    }
    // Most of the array may be unused now. The copy frees this memory.
    if (this.count < all / 2) this.words = this.words.slice(0, this.count * stride);
  }

  /** The first row that shares an address with the network, or -1. */
  touching({ words, prefix }: Span): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(middle, words) <= 0) low = middle + 1;
      else high = middle;
    }
    // Before `low`, only the last network can reach the first address. From `low`, only a network inside the other network can touch it.
    if (low > 0 && this.sharedBits(low - 1, words, 0) >= Math.min(this.prefixAt(low - 1), prefix)) return low - 1;
    return low < this.count && this.sharedBits(low, words, 0) >= prefix ? low : -1;
  }

  /** The number of leading bits that the address of the row shares with the address at `at`. */
  sharedBits(row: number, words: Uint32Array, at: number): number {
    const start = row * this.stride;
    for (let index = 0; index < this.width; index += 1) {
      const different = (this.words[start + index] ?? 0) ^ (words[at + index] ?? 0);
      if (different !== 0) return index * 32 + Math.clz32(different);
    }
    return this.width * 32;
  }

  #compare(row: number, words: Uint32Array): number {
    const start = row * this.stride;
    for (let index = 0; index < this.width; index += 1) {
      const difference = (this.words[start + index] ?? 0) - (words[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  #grow(): void {
    const larger = new Uint32Array(this.words.length * 2);
    larger.set(this.words);
    this.words = larger;
  }
}
