// Parses networks to allow: one entry of `ignoreip`, or a file in the table format of pf.conf(5).
import { ConfigError } from '../errors.ts';
import { networkFaultText, parseNetwork, type Network } from '../lib/address.ts';
import { NetworkSetBuilder } from '../lib/networks/networkset.ts';
import { LARGEST_TAG } from '../lib/networks/rows.ts';
import { NetworkScanner, spanOf } from '../lib/networks/span.ts';
import { printable } from '../lib/text/printable.ts';
import { NamedNetworks } from './networks.ts';

/** Parses one address or network. Throws a ConfigError whose text begins with `where`. */
export function parseAllowed(text: string, where: string): Network {
  const parsed = parseNetwork(text);
  if ('network' in parsed) return parsed.network;
  if (text.startsWith('!')) {
    const quoted = `"${printable(text, 64)}"`;
    throw new ConfigError(`${where}: ${quoted}: exceptions with "!" are not supported, list the networks that remain`);
  }
  const advice =
    parsed.fault === 'not an address or network'
      ? ', write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; host names are not looked up'
      : '';
  throw new ConfigError(`${where}: ${networkFaultText(text, parsed)}${advice}`);
}

const [TAB, NEWLINE, RETURN, SPACE, HASH] = [0x09, 0x0a, 0x0d, 0x20, 0x23] as const;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** The number of bytes of the shortest line with an IPv4 address, `1.2.3.4` and a newline. */
const SHORTEST = 8;

/**
 * Parses a table file, which has one address or network on each line. `#` begins a comment; blank lines and CRLF are allowed (pf.conf(5),
 * "Tables"; pfctl reads such a file, too). `blocks` are the bytes of the file in pieces of whole lines, and `size` is the number of bytes
 * of the file. Each network is named `file:line`. Throws ConfigError for the first bad line: `file:line:col: ...`.
 */
export function parseTable(blocks: Iterable<Buffer>, size: number, file: string): NamedNetworks {
  const table = new Table(file, size / SHORTEST);
  for (const block of blocks) table.add(block);
  return table.networks();
}

/** The networks of a table file. The bytes of nearly every line are scanned. A text is made only of a line that the scanner does not read. */
class Table {
  readonly #file: string;
  readonly #builder: NetworkSetBuilder;
  readonly #scanner = new NetworkScanner();
  #line = 0;

  constructor(file: string, capacity: number) {
    this.#file = file;
    this.#builder = new NetworkSetBuilder(Math.ceil(capacity));
  }

  /** Adds the networks of some lines. Only the last line of the file may have no newline. */
  add(block: Buffer): void {
    const isMarked = this.#line === 0 && BYTE_ORDER_MARK.equals(block.subarray(0, BYTE_ORDER_MARK.length));
    for (let start = isMarked ? BYTE_ORDER_MARK.length : 0; start < block.length;) {
      let end = start;
      while (end < block.length && block[end] !== NEWLINE && block[end] !== HASH) end += 1;
      this.#line += 1;
      this.#add(block, start, end);
      const newline = block[end] === HASH ? block.indexOf(NEWLINE, end) : end;
      start = newline < 0 ? block.length : newline + 1;
    }
  }

  networks(): NamedNetworks {
    const file = this.#file;
    const { count } = this.#builder;
    // The tag of a line after the sixteen millionth does not fit, so its place is only the file.
    return new NamedNetworks(this.#builder.build(), count, (tag) => (tag < LARGEST_TAG ? `${file}:${tag}` : file));
  }

  /** Adds the network of one line without its comment. */
  #add(block: Buffer, start: number, end: number): void {
    let first = start;
    let last = end;
    while (first < last && isBlank(block[first])) first += 1;
    while (last > first && isBlank(block[last - 1])) last -= 1;
    if (first === last) return;
    if (this.#scanner.scan(block, first, last)) this.#builder.add(this.#scanner, this.#line);
    else this.#addRare(block.toString('utf8', start, end));
  }

  /** Adds the network of a line that the scanner does not read. The white space around it may be any that Unicode has. */
  #addRare(content: string): void {
    const entry = content.trim();
    if (entry === '') return;
    const network = parseAllowed(entry, `${this.#file}:${this.#line}:${content.indexOf(entry) + 1}`);
    this.#builder.add(spanOf(network), this.#line);
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN;
}
