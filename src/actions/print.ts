// The action that changes nothing: one line for each ban that would be set or lifted. For a first look, and for machines without a firewall.
import { formatNetwork, type Network } from '../lib/address.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Action, Clock, Entry, Millis, Refused } from '../types.ts';

/** Says what another action would do. Remembers what it said, so that it can be compared with the ledger like a firewall. */
export class PrintAction implements Action {
  readonly name = 'print';
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

  async list(): Promise<readonly Network[]> {
    return [...this.#held.keys()];
  }

  async replace(entries: readonly Entry[]): Promise<readonly Refused[]> {
    const wanted = new Set(entries.map((entry) => entry.network));
    await this.unban([...this.#held.keys()].filter((network) => !wanted.has(network)));
    return this.ban(entries);
  }

  async close(): Promise<void> {}

  #span(until: Millis): string {
    const left = Math.max(1000, Math.ceil((until - this.#clock()) / 1000) * 1000);
    return `for ${formatDuration(left)}, until ${new Date(until).toISOString()}`;
  }
}
