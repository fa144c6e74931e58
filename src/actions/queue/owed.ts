// The pending changes of one action, called wishes. Only the newest wish for each network is kept, so there are never more wishes than
// networks.
import type { Network } from '../../lib/address.ts';
import type { Entry } from '../../words/firewall.ts';
import type { Millis } from '../../words/ports.ts';

/** The wanted state of a network: banned until an instant (null: for ever), or `gone` from the firewall. */
export type Wish = Millis | null | 'gone';

/**
 * The wishes of one action. A wish waits until a call of the action carries it out. If the call succeeds, the wish is done. But a wish
 * that the firewall refused waits for a retry. If the call fails, the wish waits again. An older wish never replaces a newer wish for the
 * same network.
 */
export class Owed {
  /** Wishes for the next call. */
  #wishes = new Map<Network, Wish>();
  /** Wishes that the firewall refused individually. They wait for `retry`. */
  readonly #refused = new Map<Network, Wish>();
  /** The wishes of the running call. */
  #inHand: ReadonlyMap<Network, Wish> = new Map();
  /** The wishes that wait again if the running call fails. */
  #waited: ReadonlyMap<Network, Wish> = new Map();

  /** The number of networks whose wish is perhaps not done yet, including the wishes of the running call. */
  get size(): number {
    return this.#wishes.size + this.#refused.size + this.#inHand.size;
  }

  /** True when there are wishes for the next call. */
  get waits(): boolean {
    return this.#wishes.size > 0;
  }

  /** True when refused wishes wait for `retry`. */
  get hasRefused(): boolean {
    return this.#refused.size > 0;
  }

  /** True when a wish for this network waits, refused or not. */
  has(network: Network): boolean {
    return this.#wishes.has(network) || this.#refused.has(network);
  }

  /** True when the wish for this network is perhaps not done yet: it waits, was refused, or belongs to the running call. */
  includes(network: Network): boolean {
    return this.has(network) || this.#inHand.has(network);
  }

  /** Adds a wish, which replaces any older wish for the network. */
  add(network: Network, wish: Wish): void {
    this.#refused.delete(network);
    this.#wishes.set(network, wish);
  }

  /** Returns the waiting wishes, which become the wishes of the running call. Refused wishes keep waiting. */
  take(): ReadonlyMap<Network, Wish> {
    this.#inHand = this.#wishes;
    this.#waited = this.#wishes;
    this.#wishes = new Map();
    return this.#inHand;
  }

  /** Makes all bans of the ledger the wishes of the running call. No other wish waits any longer, because the ledger includes every wish. */
  takeAll(entries: readonly Entry[]): void {
    this.#waited = new Map([...this.#refused, ...this.#wishes]);
    this.#wishes = new Map();
    this.#refused.clear();
    this.#inHand = new Map(entries.map(({ network, until }) => [network, until]));
  }

  /** Must be called when the running call succeeded. Its wishes are done, except for the networks that the firewall refused. */
  settle(refused: Iterable<Network>): void {
    for (const network of refused) {
      const wish = this.#inHand.get(network);
      if (!this.#wishes.has(network)) this.#refused.set(network, wish === undefined ? 'gone' : wish);
    }
    this.#done();
  }

  /** Must be called when the running call failed. The wishes that waited before the call wait again, unless their network has a newer wish. */
  putBack(): void {
    for (const [network, wish] of this.#waited) if (!this.#wishes.has(network)) this.#wishes.set(network, wish);
    this.#done();
  }

  /** Moves refused wishes to the next call. No newer wish can wait for their networks, because `add` removes the refused wish. */
  retry(): void {
    for (const [network, wish] of this.#refused) this.#wishes.set(network, wish);
    this.#refused.clear();
  }

  #done(): void {
    this.#inHand = new Map();
    this.#waited = new Map();
  }
}
