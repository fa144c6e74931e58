// Looks up samples of a log in a table: short groups of bytes (grams), each read as one number. Two lengths of grams have a loop of their own,
// because V8 compiles a loop over one kind of read best.

/** A length of grams, with the functions for it. */
export interface Grams {
  /** The length of a gram in bytes. */
  readonly length: number;
  /** Reads the gram at an offset. */
  readonly read: (view: DataView, at: number) => number;
  /** Makes a table with 1 in the slot of each of these grams. A slot may stand for several grams. */
  readonly tableOf: (grams: readonly number[]) => Uint8Array;
  /** Returns the first of the offsets `from`, `from + stride`, ... whose gram has 1 in its slot; -1 if there is none. */
  readonly first: (view: DataView, from: number, stride: number, table: Uint8Array) => number;
}

/** 2^32 divided by the golden ratio. Multiplication by it spreads a number over the upper bits (Knuth, TAOCP volume 3, 6.4). */
const SPREAD = 0x9e3779b1;

/** A table of QUADS has this number of slots for each of its grams, so that few samples share a slot with a gram by chance. */
const SLOTS_FOR_GRAM = 1024;

/** The smallest table stays in the first-level cache of the processor (16 KiB), the largest table in the second-level cache (256 KiB). */
const [FEWEST_BITS, MOST_BITS] = [14, 18];

/** The groups of four bytes. */
export const QUADS: Grams = {
  length: 4,
  read: (view, at) => view.getInt32(at, true),
  tableOf: (grams) => {
    const bits = Math.min(MOST_BITS, Math.max(FEWEST_BITS, Math.ceil(Math.log2(grams.length * SLOTS_FOR_GRAM))));
    const table = new Uint8Array(1 << bits);
    for (const gram of grams) table[Math.imul(gram, SPREAD) >>> (32 - bits)] = 1;
    return table;
  },
  first: firstQuad,
};

/** The pairs of bytes, for texts that are too short for QUADS. The table has a slot for each of the 65,536 pairs. */
export const PAIRS: Grams = {
  length: 2,
  read: (view, at) => view.getUint16(at, true),
  tableOf: (grams) => {
    const table = new Uint8Array(1 << 16);
    for (const gram of grams) table[gram] = 1;
    return table;
  },
  first: firstPair,
};

/** Looking up four samples at a time is a third faster than single samples. */
function firstQuad(view: DataView, from: number, stride: number, table: Uint8Array): number {
  const shift = Math.clz32(table.length - 1);
  let at = from;
  for (const last = view.byteLength - 4 - 3 * stride; at <= last; at += 4 * stride) {
    const one = table[Math.imul(view.getInt32(at, true), SPREAD) >>> shift] ?? 0;
    const two = table[Math.imul(view.getInt32(at + stride, true), SPREAD) >>> shift] ?? 0;
    const three = table[Math.imul(view.getInt32(at + 2 * stride, true), SPREAD) >>> shift] ?? 0;
    const four = table[Math.imul(view.getInt32(at + 3 * stride, true), SPREAD) >>> shift] ?? 0;
    if ((one | two | three | four) !== 0) break;
  }
  for (const last = view.byteLength - 4; at <= last; at += stride) {
    if (table[Math.imul(view.getInt32(at, true), SPREAD) >>> shift] !== 0) return at;
  }
  return -1;
}

function firstPair(view: DataView, from: number, stride: number, table: Uint8Array): number {
  let at = from;
  for (const last = view.byteLength - 2 - 3 * stride; at <= last; at += 4 * stride) {
    const one = table[view.getUint16(at, true)] ?? 0;
    const two = table[view.getUint16(at + stride, true)] ?? 0;
    const three = table[view.getUint16(at + 2 * stride, true)] ?? 0;
    const four = table[view.getUint16(at + 3 * stride, true)] ?? 0;
    if ((one | two | three | four) !== 0) break;
  }
  for (const last = view.byteLength - 2; at <= last; at += stride) {
    if (table[view.getUint16(at, true)] !== 0) return at;
  }
  return -1;
}
