// Finds out whether a firewall held certain bans, by comparing the firewall with the ledger.
import type { Network } from '../../lib/address.ts';
import type { Wanted } from '../../words/firewall.ts';
import type { Deviation } from '../drift.ts';

/**
 * The answer for one banned network. `lacked`: the firewall did not hold the ban or did not apply it, and this has been corrected. `owed`: the
 * ban still has to be set, because the firewall fails or has refused the ban. `not covered`: the action never holds a network of this kind.
 * `unknown`: the firewall cannot be asked.
 */
export type Held = 'held' | 'lacked' | 'owed' | 'not covered' | 'unknown';

interface Look {
  readonly network: Network;
  answer: Held | undefined;
}

/** The networks that are looked for in one firewall. */
export class Looks {
  #waiting: Look[] = [];

  /** Makes a comparison with `compare`, and resolves to its answer for a network. If the comparison fails, the answer is `owed`. */
  async of(network: Network, compare: () => Promise<void>): Promise<Held> {
    const look: Look = { network, answer: undefined };
    this.#waiting.push(look);
    await compare();
    this.#waiting = this.#waiting.filter((one) => one !== look);
    return look.answer ?? 'owed';
  }

  /**
   * Makes sure that the comparison includes the networks that are looked for. If `wanted` returns a sample, adds them to the sample. If it
   * returns a list, puts them first, because the firewall may look up only the first part of the list.
   */
  among(wanted: Wanted): Wanted {
    if (this.#waiting.length === 0) return wanted;
    return (most) => {
      const found = wanted(most);
      if (!('sample' in found)) {
        const asked = new Set(this.#waiting.map(({ network }) => network));
        return [...found.filter(({ network }) => asked.has(network)), ...found.filter(({ network }) => !asked.has(network))];
      }
      const known = new Set(found.sample.map(({ network }) => network));
      const added = [...new Set(this.#waiting.map(({ network }) => network))].filter((network) => !known.has(network));
      return { ...found, sample: [...found.sample, ...added.map((network) => ({ network, until: null }))] };
    };
  }

  /** Sets the answer for each network from a comparison. Undefined: the firewall was not compared. */
  settle(found: Deviation | undefined): void {
    const missing = new Set(found?.missing);
    for (const look of this.#waiting) {
      if (found === undefined) look.answer = 'unknown';
      else look.answer = found.missing === undefined || missing.has(look.network) ? 'lacked' : 'held';
    }
  }
}
