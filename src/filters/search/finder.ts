// Finds one text in bytes, looking at few of them: the inner loop of reading old logs. Cost and reasons: docs/decisions/0010-scan.md.

/** Bytes that are looked at together. */
const GRAM = 4;

/** Samples are at most so far apart: one in each cache line. A longer text is sought by its first bytes. */
const LONGEST_STRIDE = 64;

/** A table of 16 KiB stays in the processor's first cache and rarely takes one gram for another. */
const TABLE_BITS = 14;

/** 2^32 divided by the golden ratio: spreads what is multiplied by it over the upper bits (Knuth, TAOCP volume 3, 6.4). */
const SPREAD = 0x9e3779b1;

/**
 * A text of `n` bytes holds, wherever it stands, one of the grams that begin at every `n - 3`rd byte. So only those are looked at, and only
 * where one of them is a gram of the text the text itself is looked for: with 18 bytes three times as fast as Buffer.indexOf.
 */
export class Finder {
  readonly #text: Buffer;
  readonly #stride: number;
  /** 1 where a gram of the text falls. */
  readonly #table = new Uint8Array(1 << TABLE_BITS);
  /** Where in the text the grams stand that fall there, the last one first. */
  readonly #places = new Map<number, number[]>();

  /** `text`: at least one byte. */
  constructor(text: Buffer) {
    this.#text = text;
    this.#stride = Math.min(LONGEST_STRIDE, text.length - GRAM + 1);
    for (let place = 0; place < this.#stride; place += 1) {
      const slot = slotOf(text.readInt32LE(place));
      this.#table[slot] = 1;
      this.#places.set(slot, [place, ...(this.#places.get(slot) ?? [])]);
    }
  }

  /** As Buffer.indexOf: where the text stands first at or after `from`; -1: nowhere. */
  indexOf(bytes: Buffer, from: number): number {
    if (this.#stride < GRAM) return bytes.indexOf(this.#text, from);
    for (let at = from; ; at += this.#stride) {
      at = firstSample(bytes, at, this.#stride, this.#table);
      if (at < 0) return -1;
      const found = this.#startAround(bytes, at, from);
      if (found >= 0) return found;
    }
  }

  /** Where the text begins that has the gram at `at` in it; -1: nowhere. */
  #startAround(bytes: Buffer, at: number, from: number): number {
    for (const place of this.#places.get(slotOf(bytes.readInt32LE(at))) ?? []) {
      const start = at - place;
      if (start >= from && isAt(bytes, start, this.#text)) return start;
    }
    return -1;
  }
}

/**
 * The first of the places `from`, `from + stride`, ... with a gram that the table knows; -1: none. Four at a time: that is a third faster than
 * one by one, and the loop by itself is compiled better than as a part of what calls it (together 90 instead of 200 ms for 1.4 GB).
 */
function firstSample(bytes: Buffer, from: number, stride: number, table: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shift = 32 - TABLE_BITS;
  let at = from;
  for (const last = bytes.length - GRAM - 3 * stride; at <= last; at += 4 * stride) {
    const one = table[Math.imul(view.getInt32(at, true), SPREAD) >>> shift] ?? 0;
    const two = table[Math.imul(view.getInt32(at + stride, true), SPREAD) >>> shift] ?? 0;
    const three = table[Math.imul(view.getInt32(at + 2 * stride, true), SPREAD) >>> shift] ?? 0;
    const four = table[Math.imul(view.getInt32(at + 3 * stride, true), SPREAD) >>> shift] ?? 0;
    if ((one | two | three | four) !== 0) break;
  }
  for (const last = bytes.length - GRAM; at <= last; at += stride) {
    if (table[Math.imul(view.getInt32(at, true), SPREAD) >>> shift] !== 0) return at;
  }
  return -1;
}

function slotOf(gram: number): number {
  return Math.imul(gram, SPREAD) >>> (32 - TABLE_BITS);
}

/** In its own words: a call of Buffer.compare takes longer than finding the first difference. */
function isAt(bytes: Buffer, start: number, text: Buffer): boolean {
  if (start + text.length > bytes.length) return false;
  for (let place = 0; place < text.length; place += 1) {
    if (bytes[start + place] !== text[place]) return false;
  }
  return true;
}
