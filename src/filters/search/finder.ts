// Finds texts in bytes without reading every byte. It is the inner loop of reading old logs. For cost and reasons see
// docs/decisions/0010-scan.md.

/** The length of a gram in bytes. The bytes of a gram are looked up together. */
const GRAM = 4;

/**
 * The largest distance in bytes between two samples (grams of the log that are looked up): one sample in each cache line. Of a text that is
 * so long that it would allow a larger distance, only the first bytes are sampled.
 */
const LONGEST_STRIDE = 64;

/** The table has 16 KiB, so that it stays in the first-level cache and few grams share a slot. */
const TABLE_BITS = 14;

/** 2^32 divided by the golden ratio. Multiplication by it spreads a number over the upper bits (Knuth, TAOCP volume 3, 6.4). */
const SPREAD = 0x9e3779b1;

/** A place in one of the texts at which a gram begins. */
interface Place {
  readonly text: Buffer;
  readonly offset: number;
}

/**
 * A text of `n` bytes covers, at any offset, one of the grams that begin at multiples of `n - 3`. So only these samples are looked up, and
 * a text itself is compared only around a sample that is one of its grams. This is three times as fast as Buffer.indexOf for 18 bytes.
 * Several texts are searched for in one pass, whose stride is that of the shortest text.
 */
export class Finder {
  readonly #texts: readonly Buffer[];
  readonly #stride: number;
  /** 1 in the slot of each gram of the texts. */
  readonly #table = new Uint8Array(1 << TABLE_BITS);
  /** The places of the grams of each slot, the last place first. */
  readonly #places = new Map<number, Place[]>();

  /** `texts`: at least one text, each with at least one byte. Several texts must be worth sampling, see `isSampled`. */
  constructor(...texts: readonly Buffer[]) {
    this.#texts = texts;
    this.#stride = Math.min(LONGEST_STRIDE, ...texts.map(strideOf));
    for (const text of texts) {
      for (let offset = 0; offset < this.#stride; offset += 1) {
        const slot = slotOf(text.readInt32LE(offset));
        this.#table[slot] = 1;
        this.#places.set(slot, [{ text, offset }, ...(this.#places.get(slot) ?? [])]);
      }
    }
  }

  /**
   * Returns the first offset of the text at or after `from`, as Buffer.indexOf does; -1 if the text is not there. Of several texts, it returns
   * the offset of one whose first sample comes first: a text that ends before this offset is never passed over.
   */
  indexOf(bytes: Buffer, from: number): number {
    if (this.#stride < GRAM) return bytes.indexOf(this.#texts[0] ?? '', from);
    for (let at = from; ; at += this.#stride) {
      at = firstSample(bytes, at, this.#stride, this.#table);
      if (at < 0) return -1;
      const found = this.#startAround(bytes, at, from);
      if (found >= 0) return found;
    }
  }

  /** Returns the offset of a text that covers the gram at `at`; -1 if there is none. */
  #startAround(bytes: Buffer, at: number, from: number): number {
    for (const { text, offset } of this.#places.get(slotOf(bytes.readInt32LE(at))) ?? []) {
      const start = at - offset;
      if (start >= from && isAt(bytes, start, text)) return start;
    }
    return -1;
  }
}

/** True for a text that is long enough to be found by samples. A shorter text is found by Buffer.indexOf, and has a finder of its own. */
export const isSampled = (text: Buffer): boolean => strideOf(text) >= GRAM;

const strideOf = (text: Buffer): number => text.length - GRAM + 1;

/**
 * Returns the first of the offsets `from`, `from + stride`, ... whose gram is in the table; -1 if there is none. Looking up four samples at
 * a time is a third faster than single samples. The loop is a separate function, because V8 then compiles it better. Together this takes
 * 90 ms instead of 200 ms for 1.4 GB.
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

/** Compares byte by byte: a call of Buffer.compare takes longer than finding the first difference. */
function isAt(bytes: Buffer, start: number, text: Buffer): boolean {
  if (start + text.length > bytes.length) return false;
  for (let place = 0; place < text.length; place += 1) {
    if (bytes[start + place] !== text[place]) return false;
  }
  return true;
}
