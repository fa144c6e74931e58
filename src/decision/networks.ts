// Networks of the allow-list, each with the place where it is written.
import type { Network } from '../lib/address.ts';
import { NetworkSet } from '../lib/networks/networkset.ts';
import type { Span } from '../lib/networks/span.ts';

/** A network and, for messages, the place where it is written: `/etc/trapline/allow.txt:12`. */
export interface Named {
  readonly network: Network;
  readonly where: string;
}

/** A set of networks with their places. The text of a place is made when a network is found, because most networks are never found. */
export class NamedNetworks {
  /** The number of networks as they are written, including networks inside another network. */
  readonly size: number;
  readonly #set: NetworkSet;
  readonly #placeOf: (tag: number) => string;

  /** `placeOf` returns the place of the network with this tag. */
  constructor(set: NetworkSet, size: number, placeOf: (tag: number) => string) {
    this.#set = set;
    this.size = size;
    this.#placeOf = placeOf;
  }

  /** The set of some networks. */
  static of(networks: readonly Named[]): NamedNetworks {
    const places = networks.map(({ where }) => where);
    const set = NetworkSet.of(networks.map(({ network }) => network));
    return new NamedNetworks(set, networks.length, (tag) => places[tag] ?? '');
  }

  /** Returns the first network that shares an address with the given network; undefined when there is none. */
  touching(span: Span): Named | undefined {
    const found = this.#set.touching(span);
    return found && { network: found.network, where: this.#placeOf(found.tag) };
  }
}
