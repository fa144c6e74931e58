// The entry point of this folder: hands changes to all firewalls at once. Each firewall works at its own pace.
// No method rejects, because the ledger has recorded the bans already. Work that fails stays pending and is tried again.
import { ConfigError } from '../errors.ts';
import type { Network } from '../lib/address.ts';
import type { Status } from '../words/desk.ts';
import type { Action, Change, Wanted } from '../words/firewall.ts';
import type { Clock, Log, Millis } from '../words/ports.ts';
import { ActionQueue, type Held, type QueueOptions, type Wish } from './queue/queue.ts';

export { checkActionFile } from './file/recipe.ts';
export { SHIPPED as SHIPPED_ACTIONS, actionCatalog, detectAction, knownActions, loadAction, loadActions } from './load.ts';
export type { ActionPorts } from './ports.ts';

/** The default back-off: 1 s, 2 s, 4 s, ... 60 s. */
const backoff = (failures: number): Millis => Math.min(60_000, 1000 * 2 ** Math.min(10, failures - 1));

/** Clock, log and limits of an enforcer. */
interface EnforcerPorts {
  readonly log: Log;
  readonly clock: Clock;
  readonly backoff?: typeof backoff;
  readonly found?: QueueOptions['found'];
}

/** The result of a look-up: whether one action held the ban of a network. */
export interface Looked {
  readonly action: string;
  readonly held: Held;
  /** Why the action fails; null when it works. */
  readonly lastError: string | null;
}

/** The actions of one configuration, each with a queue of pending changes. */
export class Enforcer {
  readonly #queues: ReadonlyMap<string, ActionQueue>;
  /** The names of the actions that stop packets. */
  readonly #blocking: ReadonlySet<string>;

  /**
   * `backoff` returns the milliseconds to wait after a number of failures in a row. `found` gets the networks that a firewall holds without a
   * ban, before a sync removes them. Throws ConfigError when two actions have the same name.
   */
  constructor(actions: readonly Action[], ports: EnforcerPorts) {
    const repeated = actions.find(({ name }, index) => actions.findIndex((other) => other.name === name) !== index);
    if (repeated) throw new ConfigError(`actions: two actions have the name "${repeated.name}", remove one`);
    const options = { ...ports, backoff: ports.backoff ?? backoff };
    this.#queues = new Map(actions.map((action) => [action.name, new ActionQueue(action, options)]));
    this.#blocking = new Set(actions.flatMap(({ name, blocks = true }) => (blocks ? [name] : [])));
  }

  /** The names of the actions, in the order of the configuration. */
  get names(): readonly string[] {
    return [...this.#queues.keys()];
  }

  /** Makes tables and chains. A failed action is logged and shown by `status`, and is tried again with back-off. */
  async open(): Promise<void> {
    await this.#each((queue) => queue.open());
  }

  /**
   * Sets bans, moves their ends, and lifts them. If one call has several ends for a network, the latest end counts. For each network, a later
   * call replaces an earlier call. Lifting a ban that the firewall does not hold is no error. A change for an unknown action is left out.
   * Resolves after the first attempt of each action, without waiting for actions that are failing.
   */
  async enforce(changes: readonly Change[]): Promise<void> {
    const wishes = new Map<string, Map<Network, Wish>>();
    for (const { action, hold, free } of changes) {
      const own = wishes.get(action) ?? new Map<Network, Wish>();
      wishes.set(action, own);
      for (const network of free) if (!own.has(network)) own.set(network, 'gone');
      for (const { network, until } of hold) own.set(network, later(own.get(network), until));
    }
    const asked = [...this.#queues].filter(([action]) => (wishes.get(action)?.size ?? 0) > 0);
    await Promise.all(asked.map(([action, queue]) => queue.add(wishes.get(action) ?? [])));
  }

  /**
   * Makes every firewall hold exactly the wanted bans of its action, in one transaction. The first call always sets the bans; a later call
   * sets them only when the firewall differs. The `Wanted` of an action is called when the sync of the action begins. Its result has to
   * include all changes that were enforced before. `whole`: the actions whose bans are all set again, because their jails have changed.
   * Resolves as `enforce` does.
   */
  async sync(wantedOf: (action: string) => Wanted, whole: ReadonlySet<string> = new Set()): Promise<void> {
    await Promise.all([...this.#queues].map(([action, queue]) => queue.sync(wantedOf(action), whole.has(action))));
  }

  /**
   * Finds out whether the actions `names` held the ban of a network, and makes their firewalls equal to the ledger. Leaves out actions that
   * stop no packet.
   */
  async look(network: Network, names: readonly string[]): Promise<readonly Looked[]> {
    const asked = [...this.#queues].filter(([name]) => names.includes(name) && this.#blocking.has(name));
    return Promise.all(
      asked.map(async ([action, queue]) => ({
        action,
        held: await queue.look(network),
        lastError: queue.status().lastError,
      })),
    );
  }

  /**
   * Returns why a change of the network is pending in one of the actions `names` (null: no call has failed). Undefined: no change of the network
   * is pending in these actions. Actions that stop no packet are left out.
   */
  owes(network: Network, names: readonly string[]): string | null | undefined {
    let found: string | null | undefined;
    for (const name of names) {
      const reason = this.#blocking.has(name) ? this.#queues.get(name)?.owes(network) : undefined;
      if (typeof reason === 'string') return `${name}: ${reason}`;
      if (reason === null) found = null;
    }
    return found;
  }

  /** The state of each action, as `trapline status` shows it. */
  status(): Status['actions'] {
    return [...this.#queues.values()].map((queue) => queue.status());
  }

  /** Finishes the pending work, then ends the actions; bans stay in the firewall. A call that hangs is aborted after a second. */
  async close(): Promise<void> {
    await this.#each((queue) => queue.close());
  }

  async #each(act: (queue: ActionQueue) => Promise<void>): Promise<void> {
    await Promise.all([...this.#queues.values()].map(act));
  }
}

function later(one: Wish | undefined, other: Millis | null): Millis | null {
  if (one === undefined || one === 'gone') return other;
  return one === null || other === null ? null : Math.max(one, other);
}
