// Sorts rows of numbers in place. The time is at most the number of rows times the number of bits of a row, whatever the rows contain, so
// nobody can choose rows that take long. The order of `Array.sort` would need an object for each row.

/** Fewer rows than this are sorted by insertion. */
const FEW = 12;

/** Sorts the first `count` rows of `stride` words each. The first word counts most. */
export function sortRows(words: Uint32Array, stride: number, count: number): void {
  sortBits(words, stride, 0, count, 0);
}

/** Sorts rows that are equal in the bits before `bit`: rows with a 0 in this bit come first, then both halves are sorted by the next bit. */
function sortBits(words: Uint32Array, stride: number, start: number, end: number, bit: number): void {
  let first = start;
  for (let at = bit; at < stride * 32; at += 1) {
    if (end - first <= FEW) {
      insert(words, stride, first, end);
      return;
    }
    const split = part(words, stride, first, end, at);
    sortBits(words, stride, first, split, at + 1);
    first = split;
  }
}

/** Moves the rows whose `bit` is 0 before the rows whose `bit` is 1. Returns the first row with a 1. */
function part(words: Uint32Array, stride: number, start: number, end: number, bit: number): number {
  const word = bit >>> 5;
  const mask = 0x8000_0000 >>> (bit & 31);
  let low = start;
  let high = end;
  for (;;) {
    while (low < high && ((words[low * stride + word] ?? 0) & mask) === 0) low += 1;
    while (low < high && ((words[(high - 1) * stride + word] ?? 0) & mask) !== 0) high -= 1;
    if (low >= high) return low;
    swap(words, stride, low, high - 1);
  }
}

function insert(words: Uint32Array, stride: number, start: number, end: number): void {
  for (let row = start + 1; row < end; row += 1) {
    for (let at = row; at > start && isBefore(words, stride, at, at - 1); at -= 1) swap(words, stride, at, at - 1);
  }
}

function isBefore(words: Uint32Array, stride: number, one: number, other: number): boolean {
  for (let index = 0; index < stride; index += 1) {
    const difference = (words[one * stride + index] ?? 0) - (words[other * stride + index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function swap(words: Uint32Array, stride: number, one: number, other: number): void {
  for (let index = 0; index < stride; index += 1) {
    const word = words[one * stride + index] ?? 0;
    words[one * stride + index] = words[other * stride + index] ?? 0;
    words[other * stride + index] = word;
  }
}
