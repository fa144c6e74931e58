// A firewall in memory that writes down what it is told, and fails, hangs or refuses when a test says so.
import type { Network } from '../../src/lib/address.ts';
import type { Action, Entry, Millis, Refused } from '../../src/types.ts';

export class RecordingAction implements Action {
  readonly name: string;
  readonly horizon?: Millis;
  readonly listable?: number;
  /** `ban 192.0.2.7/32 192.0.2.8/32`, one line a call. */
  readonly calls: string[] = [];
  readonly held = new Map<Network, Millis | null>();
  /** Refused one by one. */
  readonly refuses = new Set<Network>();
  /** When set, every call fails so. */
  failure: Error | undefined;
  /** When set, every call waits for it first. */
  gate: Promise<void> | undefined;
  /** Tells whoever watches that somebody changed the firewall. */
  ring: () => void = () => {};
  /** Calls under way, and the most there ever were. */
  most = 0;
  #underWay = 0;

  constructor(name = 'recording', options: { horizon?: Millis; listable?: number } = {}) {
    this.name = name;
    if (options.horizon !== undefined) this.horizon = options.horizon;
    if (options.listable !== undefined) this.listable = options.listable;
  }

  watch(changed: () => void): void {
    this.ring = changed;
  }

  open(): Promise<void> {
    return this.#call('open', [], () => undefined);
  }

  ban(entries: readonly Entry[]): Promise<readonly Refused[]> {
    const networks = entries.map((entry) => entry.network);
    return this.#call('ban', networks, () => this.#put(entries));
  }

  unban(networks: readonly Network[]): Promise<readonly Refused[]> {
    return this.#call('unban', networks, () => {
      for (const network of networks) this.held.delete(network);
      return [];
    });
  }

  replace(entries: readonly Entry[]): Promise<readonly Refused[]> {
    const networks = entries.map((entry) => entry.network);
    return this.#call('replace', networks, () => {
      this.held.clear();
      return this.#put(entries);
    });
  }

  list(): Promise<readonly Network[]> {
    return this.#call('list', [], () => [...this.held.keys()]);
  }

  holds(networks: readonly Network[]): Promise<boolean> {
    return this.#call('holds', networks, () => networks.every((network) => this.held.has(network)));
  }

  close(): Promise<void> {
    this.calls.push('close');
    return Promise.resolve();
  }

  #put(entries: readonly Entry[]): Refused[] {
    const refused = entries.filter((entry) => this.refuses.has(entry.network));
    for (const { network, until } of entries) if (!this.refuses.has(network)) this.held.set(network, until);
    return refused.map(({ network }) => ({ network, because: 'no room' }));
  }

  async #call<T>(verb: string, networks: readonly Network[], act: () => T): Promise<T> {
    this.calls.push(networks.length > 20 ? `${verb} ${networks.length} networks` : [verb, ...networks].join(' '));
    this.#underWay += 1;
    this.most = Math.max(this.most, this.#underWay);
    try {
      await this.gate;
      if (this.failure) throw this.failure;
      return act();
    } finally {
      this.#underWay -= 1;
    }
  }
}
