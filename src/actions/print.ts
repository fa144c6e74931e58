// An action that changes nothing. It writes a line for each ban that it would set or lift, for trials and for machines without a firewall.
import { formatNetwork, type Network } from '../lib/address.ts';
import { formatDuration } from '../lib/text/duration.ts';
import type { Action, Drift, Entry, Refused, Wanted } from '../words/firewall.ts';
import type { Clock, Millis } from '../words/ports.ts';
import { allOf, driftBetween } from './drift.ts';

/** Writes the changes that a firewall would make. Keeps a list of the printed bans, so that they can be compared with the ledger. */
export class PrintAction implements Action {
  readonly name = 'print';
  readonly blocks = false;
  readonly #write: (line: string) => void;
  readonly #clock: Clock;
  readonly #held = new Map<Network, Millis | null>();

  constructor(ports: { readonly clock: Clock; readonly write?: (line: string) => void }) {
    this.#clock = ports.clock;
    this.#write = ports.write ?? ((line) => process.stdout.write(`${line}\n`));
  }

  async open(): Promise<void> {}

  async ban(entries: readonly Entry[]): Promise<readonly Refused[]> {
    for (const { network, until } of entries) {
      if (this.#held.get(network) === until) continue;
      this.#held.set(network, until);
      this.#write(`would ban ${formatNetwork(network)} ${until === null ? 'for ever' : this.#span(until)}`);
    }
    return [];
  }

  async unban(networks: readonly Network[]): Promise<readonly Refused[]> {
    for (const network of networks) if (this.#held.delete(network)) this.#write(`would unban ${formatNetwork(network)}`);
    return [];
  }

  async replace(entries: readonly Entry[]): Promise<readonly Refused[]> {
    const wanted = new Set(entries.map((entry) => entry.network));
    await this.unban([...this.#held.keys()].filter((network) => !wanted.has(network)));
    return this.ban(entries);
  }

  async check(wanted: Wanted): Promise<Drift> {
    return driftBetween(allOf(wanted), [...this.#held.keys()]);
  }

  async close(): Promise<void> {}

  /** The time left in whole seconds (at least one second), and the end. */
  #span(until: Millis): string {
    const left = Math.max(1000, Math.ceil((until - this.#clock()) / 1000) * 1000);
    return `for ${formatDuration(left)}, until ${new Date(until).toISOString()}`;
  }
}
