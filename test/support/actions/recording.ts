// A firewall in memory that records its calls. A test can make it fail, hang or refuse networks.
import type { Network } from '../../../src/lib/address.ts';
import { driftBetween } from '../../../src/actions/drift.ts';
import type { Action, Drift, Entry, Refused, Wanted } from '../../../src/words/firewall.ts';
import type { Millis } from '../../../src/words/ports.ts';

export class RecordingAction implements Action {
  readonly name: string;
  readonly horizon?: Millis;
  /** One text for each call, such as `ban 192.0.2.7/32 192.0.2.8/32`. */
  readonly calls: string[] = [];
  readonly held = new Map<Network, Millis | null>();
  /** Networks that are refused, while the other networks of a call are accepted. */
  readonly refuses = new Set<Network>();
  /** If set, every call fails with this error. */
  failure: Error | undefined;
  /** If set, every call waits for this promise first. */
  gate: Promise<void> | undefined;
  /** Reports a change of the firewall to the callback that `watch` got. */
  ring: () => void = () => {};
  /** The largest number of concurrent calls. */
  most = 0;
  #underWay = 0;
  readonly #listable: number;

  constructor(name = 'recording', options: { horizon?: Millis; listable?: number } = {}) {
    this.name = name;
    if (options.horizon !== undefined) this.horizon = options.horizon;
    this.#listable = options.listable ?? Infinity;
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

  check(wanted: Wanted): Promise<Drift> {
    const found = wanted(this.#listable);
    if (!('sample' in found)) return this.#call('check', [], () => driftBetween(found, [...this.held.keys()]));
    const networks = found.sample.map((entry) => entry.network);
    const complete = (): boolean => networks.every((network) => this.held.has(network));
    return this.#call('look up', networks, () => ({ kind: 'sampled', looked: networks.length, complete: complete() }));
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
