// The door of the actions: bans go out here, to every action at once, each at its own pace.
// The ledger is the wish, the firewall follows: nothing here rejects, what fails is owed and tried again.
import type { Network } from '../lib/address.ts';
import type { Action, Clock, Entry, Log, Millis, Status, Wanted } from '../types.ts';
import { ActionQueue, type Wish } from './queue.ts';

export { checkActionFile } from './examples.ts';
export { SHIPPED as SHIPPED_ACTIONS, detectAction, knownActions, loadAction, type ActionPorts } from './load.ts';

/** 1 s, 2 s, 4 s, ... 60 s. */
const backoff = (failures: number): Millis => Math.min(60_000, 1000 * 2 ** Math.min(10, failures - 1));

/** Several actions that are told the same. */
export class Enforcer {
  readonly #queues: readonly ActionQueue[];

  /** `backoff`: milliseconds to wait after so many failures in a row. */
  constructor(actions: readonly Action[], ports: { readonly log: Log; readonly clock: Clock; readonly backoff?: typeof backoff }) {
    this.#queues = actions.map((action) => new ActionQueue(action, { ...ports, backoff: ports.backoff ?? backoff }));
  }

  /** Makes tables and chains. An action that cannot says so in the log and is tried again with the next back-off; see `status`. */
  async open(): Promise<void> {
    await this.#each((queue) => queue.open());
  }

  /**
   * Sets bans, or moves their ends. Of several for one network in a call the latest end counts; across calls the last one. Resolves when
   * each action has tried, except those that are failing at the time.
   */
  async enforce(bans: readonly Entry[]): Promise<void> {
    if (bans.length === 0) return;
    const wishes = new Map<Network, Wish>();
    for (const { network, until } of bans) {
      const other = wishes.get(network);
      wishes.set(network, other === undefined ? until : later(other, until));
    }
    await this.#each((queue) => queue.add(wishes));
  }

  /** Lifts bans; networks that are not banned are no error. Resolves as `enforce` does. */
  async lift(networks: readonly Network[]): Promise<void> {
    if (networks.length > 0) await this.#each((queue) => queue.add(networks.map((network) => [network, 'gone'] as const)));
  }

  /**
   * Makes every firewall hold exactly what `wanted` returns, in one transaction: the first time in any case, later when it differs.
   * `wanted` is asked when the turn comes, and must then know everything that was enforced and lifted before. Resolves as `enforce` does.
   */
  async sync(wanted: Wanted): Promise<void> {
    await this.#each((queue) => queue.sync(wanted));
  }

  /** How the actions are, as `trapline status` shows it. */
  status(): Status['actions'] {
    return this.#queues.map((queue) => queue.status());
  }

  /** Ends the actions after what is in hand; bans stay in the firewall. Calls that hang are given up after a second. */
  async close(): Promise<void> {
    await this.#each((queue) => queue.close());
  }

  async #each(act: (queue: ActionQueue) => Promise<void>): Promise<void> {
    await Promise.all(this.#queues.map(act));
  }
}

function later(one: Wish, other: Millis | null): Millis | null {
  if (one === null || other === null || one === 'gone') return other === null || one === null ? null : other;
  return Math.max(one, other);
}
