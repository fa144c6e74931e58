// A set of networks of both families, for allow-lists and lists of blocked networks: sorted numbers in typed arrays, and no object for a network.
import { hostNetwork, networkOfWords, type Address, type Family, type Network } from '../address.ts';
import { Rows } from './rows.ts';
import { spanOf, type Span } from './span.ts';
import { subtract } from './subtract.ts';

/** A network of a set, with the tag that it was added with. */
export interface Member {
  readonly network: Network;
  readonly tag: number;
}

/** Collects the networks of a set. */
export class NetworkSetBuilder {
  readonly #capacity: number;
  #rows: Partial<Record<Family, Rows>> = {};
  /** The number of networks that were added. */
  count = 0;

  /** `capacity`: the expected number of networks of one family. A high estimate costs nothing, a low estimate costs some time. */
  constructor(capacity = 16) {
    this.#capacity = capacity;
  }

  /** Adds a network. The tag is a number of the caller's choice, such as the number of a line, from 0 to LARGEST_TAG. A higher tag becomes LARGEST_TAG. */
  add({ family, words, prefix }: Span, tag = 0): void {
    const rows = (this.#rows[family] ??= new Rows(family, this.#capacity));
    rows.push(words, 0, prefix, tag);
    this.count += 1;
  }

  /** Makes the set. The builder is empty afterwards. */
  build(): NetworkSet {
    const { 4: ipv4 = new Rows(4, 0), 6: ipv6 = new Rows(6, 0) } = this.#rows;
    this.#rows = {};
    this.count = 0;
    for (const rows of [ipv4, ipv6]) rows.settle();
    return new NetworkSet(ipv4, ipv6);
  }
}

/**
 * An immutable set of disjoint networks. A network inside another network was left out when the set was built. Of equal networks, the network
 * with the lowest tag is in the set.
 */
export class NetworkSet {
  readonly #ipv4: Rows;
  readonly #ipv6: Rows;

  /** Both lists are settled. NetworkSetBuilder calls this. */
  constructor(ipv4: Rows, ipv6: Rows) {
    this.#ipv4 = ipv4;
    this.#ipv6 = ipv6;
  }

  /** The set of these networks. The tag of a network is its index. */
  static of(networks: readonly Network[]): NetworkSet {
    const builder = new NetworkSetBuilder(networks.length);
    for (const [index, network] of networks.entries()) builder.add(spanOf(network), index);
    return builder.build();
  }

  /** The number of disjoint networks. */
  get size(): number {
    return this.#ipv4.count + this.#ipv6.count;
  }

  /** The network that contains the address. Undefined: there is none. */
  covering(address: Address): Member | undefined {
    return this.touching(spanOf(hostNetwork(address)));
  }

  /** The first network that shares an address with the given network. Undefined: there is none. */
  touching(span: Span): Member | undefined {
    const rows = span.family === 4 ? this.#ipv4 : this.#ipv6;
    const row = rows.touching(span);
    return row < 0 ? undefined : memberOf(rows, row);
  }

  /**
   * The addresses of this set that are not in the other set, as networks. Each network has the tag of the network of this set that contains
   * it. Addresses of ::ffff:0:0/96 are left out when a network around them is divided, because they are IPv4 addresses in another form.
   */
  without(other: NetworkSet): NetworkSet {
    return new NetworkSet(subtract(this.#ipv4, other.#ipv4), subtract(this.#ipv6, other.#ipv6));
  }

  /** The networks in the order of addresses, IPv4 first. */
  *[Symbol.iterator](): Generator<Member, void> {
    for (const rows of [this.#ipv4, this.#ipv6]) {
      for (let row = 0; row < rows.count; row += 1) yield memberOf(rows, row);
    }
  }
}

function memberOf(rows: Rows, row: number): Member {
  return { network: networkOfWords(rows.family, rows.words, rows.prefixAt(row), row * rows.stride), tag: rows.tagAt(row) };
}
