// The banned networks that a firewall is known to lack, or may lack. They count as pending even if no change of them is waiting.
import type { Network } from '../../lib/address.ts';
import type { Wanted } from '../../words/firewall.ts';

/** Above this number of bans, `count` asks for a count instead of the list. */
const COUNTED = 1000;

/** What is known about the contents of one firewall. Before the first `equal`, every network may be missing. */
export class Lacking {
  #all = true;
  readonly #missing = new Set<Network>();
  /** While every network may be missing: the networks that were set since. */
  readonly #set = new Set<Network>();

  /** The number of networks of `wanted` that are missing, or may be missing. */
  count(wanted: Wanted): number {
    return this.#all ? Math.max(0, countOf(wanted) - this.#set.size) : this.#missing.size;
  }

  /** True when the firewall lacks this network, or may lack it. */
  has(network: Network): boolean {
    return this.#all ? !this.#set.has(network) : this.#missing.has(network);
  }

  /** Notes the result of a comparison. Undefined: some networks are missing, and it is not known which. */
  found(missing: readonly Network[] | undefined): void {
    this.equal();
    this.#all = missing === undefined;
    for (const network of missing ?? []) this.#missing.add(network);
  }

  /** Notes that a network was set. */
  set(network: Network): void {
    this.#missing.delete(network);
    if (this.#all) this.#set.add(network);
  }

  /** Notes that a network was lifted. */
  lifted(network: Network): void {
    this.#missing.delete(network);
    this.#set.delete(network);
  }

  /** Notes that the firewall holds every wanted network. */
  equal(): void {
    this.#all = false;
    this.#missing.clear();
    this.#set.clear();
  }
}

/** The number of bans that are wanted; 0 when the ledger does not answer, for example because it is closed. */
function countOf(wanted: Wanted): number {
  try {
    const found = wanted(COUNTED);
    return 'sample' in found ? found.count : found.length;
  } catch {
    return 0;
  }
}
