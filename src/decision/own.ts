// Keeps the networks that the machine needs, and reads them again while the program runs. They are a part of the allow-list.
import { ConfigError } from '../errors.ts';
import { formatNetwork } from '../lib/address.ts';
import type { Span } from '../lib/networks/span.ts';
import { UNCHANGED, type Look } from './allowfile.ts';
import { OWN, type Machine } from './machine.ts';
import { NamedNetworks, type Named } from './networks.ts';

/** The set of the machine's networks. */
export class OwnNetworks {
  readonly #read: () => Machine;
  #networks: readonly Named[];
  #set: NamedNetworks;
  /** The networks as text, to detect a change. */
  #text: string;
  /** The faults of the last reading. A fault is reported again only after a reading without it. */
  #reported: ReadonlySet<string> = new Set();

  /** Reads the networks. Throws the errors of `read`. */
  constructor(read: () => Machine) {
    this.#read = read;
    this.#networks = read().networks;
    this.#set = NamedNetworks.of(this.#networks);
    this.#text = textOf(this.#networks);
  }

  /** The first network that shares an address with the given network. Undefined: there is no such network. */
  touching(span: Span): Named | undefined {
    return this.#set.touching(span);
  }

  /** Reads the networks again. While a part of them cannot be read, all earlier networks stay. Never throws. */
  refresh(): readonly Look[] {
    const { networks, faults } = this.#readAgain();
    const known = faults.length > 0 ? [...this.#networks, ...networks] : networks;
    const looks: Look[] = faults.filter((fault) => !this.#reported.has(fault)).map((text) => ({ kind: 'problem', text }));
    const isRead = this.#reported.size > 0 && faults.length === 0;
    this.#reported = new Set(faults);
    const text = textOf(known);
    if (text === this.#text && !isRead) return looks.length > 0 ? looks : [UNCHANGED];
    this.#networks = [...new Map(known.map((named) => [named.network, named])).values()];
    this.#set = NamedNetworks.of(known);
    this.#text = text;
    return [...looks, { kind: 'changed', text: `the machine's own addresses are now: ${text || 'none'}` }];
  }

  #readAgain(): Machine {
    try {
      return this.#read();
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown;
      return { networks: [], faults: [thrown.message] };
    }
  }
}

/** Makes a text like `192.0.2.1 192.0.2.254 (a default gateway)`: each network once, sorted. */
function textOf(networks: readonly Named[]): string {
  const texts = networks.map(({ network, where }) => `${formatNetwork(network)}${where === OWN ? '' : ` (${where})`}`);
  return [...new Set(texts)].toSorted().join(' ');
}
