// Networks as numbers. A scanner reads them from bytes without making a text, so a list of a million networks is read in a fraction of a second.
import type { Family, Network } from '../address.ts';

/** A network as numbers. */
export interface Span {
  readonly family: Family;
  /** The first address as 32-bit words, the highest first: one word for IPv4, four words for IPv6. Bits behind the prefix are zero. */
  readonly words: Uint32Array;
  readonly prefix: number;
}

const [ZERO, NINE, DOT, COLON, SLASH] = [0x30, 0x39, 0x2e, 0x3a, 0x2f] as const;

/** The longest text of a network that `scan` reads: an IPv6 address of eight groups and a prefix length. */
const LONGEST = 43;

/**
 * Reads networks from bytes. The fields hold the network of the last successful scan. The next scan overwrites them, the words included.
 * So a scan allocates no memory.
 */
export class NetworkScanner implements Span {
  family: Family = 4;
  /** IPv4 uses only the first word. */
  readonly words = new Uint32Array(4);
  prefix = 0;
  readonly #groups = new Uint16Array(8);

  /**
   * Reads an address or network that fills the bytes from `start` to `end`. Returns false for a text that `parseNetwork` refuses, and for
   * the rare forms that only `parseNetwork` reads: IPv4 in IPv6, and zones. For any other text the results of both are equal.
   */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    return end - start <= LONGEST && (this.#ipv4(bytes, start, end) || this.#ipv6(bytes, start, end));
  }

  #ipv4(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    let address = 0;
    for (let part = 0; part < 4; part += 1) {
      if (part > 0) {
        if (at >= end || bytes[at] !== DOT) return false;
        at += 1;
      }
      const stop = endOfDigits(bytes, at, end);
      const octet = decimal(bytes, at, stop);
      if (octet < 0 || octet > 255) return false;
      address = address * 256 + octet;
      at = stop;
    }
    this.family = 4;
    this.words[0] = address;
    return this.#length(bytes, at, end, 32);
  }

  #ipv6(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    let count = 0;
    let gap = -1;
    for (;;) {
      if (at + 1 < end && bytes[at] === COLON && bytes[at + 1] === COLON) {
        if (gap >= 0) return false;
        gap = count;
        at += 2;
        if (at >= end || bytes[at] === SLASH) break;
      } else if (count > 0) {
        if (at >= end || bytes[at] !== COLON) break;
        at += 1;
      }
      const first = at;
      let group = 0;
      for (; at < end && at - first < 5; at += 1) {
        const digit = hexadecimal(bytes[at] ?? 0);
        if (digit < 0) break;
        group = group * 16 + digit;
      }
      if (count === 8 || at === first || at - first > 4) return false;
      this.#groups[count] = group;
      count += 1;
    }
    if (gap < 0 ? count !== 8 : count > 7) return false;
    this.#expand(count, gap);
    this.family = 6;
    const [high, second, third] = this.words;
    const isMapped = high === 0 && second === 0 && third === 0xffff;
    return !isMapped && this.#length(bytes, at, end, 128);
  }

  /** Makes four words of groups of 16 bits. `gap` is the number of groups before `::`, or -1 without `::`. */
  #expand(count: number, gap: number): void {
    this.words.fill(0);
    for (let index = 0; index < count; index += 1) {
      const place = gap >= 0 && index >= gap ? index + 8 - count : index;
      const shift = place % 2 === 0 ? 65_536 : 1;
      this.words[place >> 1] = (this.words[place >> 1] ?? 0) + (this.#groups[index] ?? 0) * shift;
    }
  }

  /** Reads the prefix length at the end of the text, and checks that the bits behind the prefix are zero. */
  #length(bytes: Uint8Array, start: number, end: number, width: 32 | 128): boolean {
    this.prefix = width;
    if (start === end) return true;
    if (bytes[start] !== SLASH || endOfDigits(bytes, start + 1, end) !== end) return false;
    this.prefix = decimal(bytes, start + 1, end);
    return this.prefix >= 0 && this.prefix <= width && hasNoHostBits(this);
  }
}

const scanner = new NetworkScanner();
const scratch = Buffer.alloc(LONGEST + 1);

/** The network as numbers. */
export function spanOf(network: Network): Span {
  const length = scratch.write(network, 'latin1');
  if (!scanner.scan(scratch, 0, length)) throw new RangeError(`${network}: not a network in canonical text`);
  const { family, words, prefix } = scanner;
  return { family, words: words.slice(0, family === 4 ? 1 : 4), prefix };
}

function hasNoHostBits({ words, prefix, family }: Span): boolean {
  for (let index = 0; index < (family === 4 ? 1 : 4); index += 1) {
    const bits = prefix - index * 32;
    if (bits < 32 && ((words[index] ?? 0) & (bits <= 0 ? -1 : 0xffff_ffff >>> bits)) !== 0) return false;
  }
  return true;
}

/** The first index from `start` whose byte is no decimal digit. At most three digits are passed over. */
function endOfDigits(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && at - start < 3 && isDigit(bytes[at] ?? 0)) at += 1;
  return at;
}

/** The number that the digits write. -1: there is no digit, or a zero before other digits. */
function decimal(bytes: Uint8Array, start: number, end: number): number {
  if (start === end || (end - start > 1 && bytes[start] === ZERO)) return -1;
  let number = 0;
  for (let at = start; at < end; at += 1) number = number * 10 + (bytes[at] ?? 0) - ZERO;
  return number;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** The value of a hexadecimal digit, or -1. */
function hexadecimal(byte: number): number {
  if (isDigit(byte)) return byte - ZERO;
  // Bit 0x20 makes a letter small.
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
