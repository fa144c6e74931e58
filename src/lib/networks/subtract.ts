// Takes networks out of networks. A network with a hole becomes the largest networks around the hole.
import { Rows } from './rows.ts';

/**
 * The parts of `rows` that share no address with `away`, in order and disjoint. Each part keeps the tag of its network. Both lists are
 * settled and of one family. The time grows with the number of rows of both lists and of the result.
 */
export function subtract(rows: Rows, away: Rows): Rows {
  const rest = new Rows(rows.family, rows.count);
  const { width, stride } = rows;
  const piece = new Uint32Array(width);
  /** The first row of `away` that is not before the piece. Pieces are visited in order, so it never goes back. */
  let next = 0;

  const keep = (prefix: number, tag: number): void => {
    for (; next < away.count; next += 1) {
      const shared = away.sharedBits(next, piece, 0);
      const other = away.prefixAt(next);
      if (shared < Math.min(prefix, other)) {
        if (bitOf(piece, shared) === 1) continue;
        break;
      }
      if (other <= prefix || isMapped(piece, prefix)) return;
      keep(prefix + 1, tag);
      turn(piece, prefix);
      keep(prefix + 1, tag);
      turn(piece, prefix);
      return;
    }
    if (!isMapped(piece, prefix)) rest.push(piece, 0, prefix, tag);
  };

  for (let row = 0; row < rows.count; row += 1) {
    for (let index = 0; index < width; index += 1) piece[index] = rows.words[row * stride + index] ?? 0;
    keep(rows.prefixAt(row), rows.tagAt(row));
  }
  return rest;
}

/** True inside ::ffff:0:0/96. Its addresses are written as IPv4 addresses and are in no IPv6 packet, so no part of it may remain. */
function isMapped(words: Uint32Array, prefix: number): boolean {
  return words.length === 4 && prefix >= 96 && words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

function bitOf(words: Uint32Array, bit: number): number {
  return ((words[bit >>> 5] ?? 0) >>> (31 - (bit & 31))) & 1;
}

/** Changes one bit. */
function turn(words: Uint32Array, bit: number): void {
  words[bit >>> 5] = (words[bit >>> 5] ?? 0) ^ (0x8000_0000 >>> (bit & 31));
}
