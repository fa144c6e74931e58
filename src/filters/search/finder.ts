// Finds many texts in bytes in one pass, without reading every byte. It is the inner loop of reading old logs. For cost and reasons see
// docs/decisions/0010-scan.md.
import { PAIRS, QUADS, type Grams } from './grams.ts';
import { Trie } from './trie.ts';

/**
 * The largest distance in bytes between two samples (grams of the log that are looked up): one sample in each cache line. If all texts are so
 * long that the distance could be larger, only their first bytes are sampled.
 */
const LONGEST_STRIDE = 64;

/** A text of fewer bytes is searched for by pairs of bytes: with groups of four bytes, nearly every offset would have to be sampled. */
export const SHORT = 7;

/** An offset at which texts begin. */
export interface Found {
  readonly at: number;
  /** The indices of the texts, the shortest text first. */
  readonly texts: readonly number[];
}

/**
 * A text of `n` bytes covers, at any offset, one of the grams of four bytes that begin at multiples of `n - 3`. So only these samples are
 * looked up, in one table for the grams of all texts, and the texts are compared only around a sample that is one of these grams. For one
 * text of 18 bytes this is three times as fast as Buffer.indexOf, and a hundred texts take no longer than one.
 *
 * The time is linear in the bytes, whatever an attacker writes: at each offset all texts are compared at once, at most one time, and no
 * further than the longest text.
 */
export class Finder {
  readonly #grams: Grams;
  readonly #stride: number;
  readonly #table: Uint8Array;
  /** The offsets of each gram in the texts, in descending order: the texts around a sample are then found in the order of their starts. */
  readonly #places: ReadonlyMap<number, readonly number[]>;
  readonly #trie: Trie;

  /** `texts`: at least one text, and each text has at least two bytes. The shortest text determines how many samples are looked up. */
  constructor(texts: readonly Buffer[]) {
    const shortest = Math.min(...texts.map((text) => text.length));
    this.#grams = shortest < SHORT ? PAIRS : QUADS;
    this.#stride = Math.min(LONGEST_STRIDE, shortest - this.#grams.length + 1);
    this.#places = placesOf(texts, this.#grams, this.#stride);
    this.#table = this.#grams.tableOf([...this.#places.keys()]);
    this.#trie = new Trie(texts);
  }

  /** Returns the first offset at or after `from` at which texts begin, with all texts that begin there; undefined if there is none. */
  next(bytes: Buffer, from: number): Found | undefined {
    const view = viewOf(bytes);
    for (let at = from; ; at += this.#stride) {
      at = this.#grams.first(view, at, this.#stride, this.#table);
      if (at < 0) return undefined;
      for (const place of this.#places.get(this.#grams.read(view, at)) ?? []) {
        if (at - place < from) continue;
        const texts = this.#trie.textsAt(bytes, at - place);
        if (texts.length > 0) return { at: at - place, texts };
      }
    }
  }
}

/** The grams at the first `stride` offsets of each text, each with these offsets. */
function placesOf(texts: readonly Buffer[], grams: Grams, stride: number): ReadonlyMap<number, readonly number[]> {
  const places = new Map<number, number[]>();
  for (let place = stride - 1; place >= 0; place -= 1) {
    for (const gram of new Set(texts.map((text) => grams.read(viewOf(text), place)))) {
      places.set(gram, [...(places.get(gram) ?? []), place]);
    }
  }
  return places;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
