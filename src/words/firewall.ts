// The types that ledger and actions share: the changes that an action has to make, and its answers.
import type { Network } from '../lib/address.ts';
import type { Millis } from './ports.ts';
import type { Ban } from './walk.ts';

/** One network that a firewall has to hold until the instant `until` (null: for ever). */
export interface Entry {
  readonly network: Network;
  readonly until: Millis | null;
}

/** Defines the bans that an action holds: bans by hand, and the bans of every jail except the jails in `without`, which use other actions. */
export interface Scope {
  /** `Action.name`. */
  readonly action: string;
  readonly without: ReadonlySet<string>;
}

/** The changes that one action has to make after a batch. No network is in both lists. */
export interface Change {
  /** `Action.name`. */
  readonly action: string;
  /** Networks that the action has to hold, each with the latest end of its bans over all jails of the action. */
  readonly hold: readonly Entry[];
  /** Networks that no jail of the action bans any more. */
  readonly free: readonly Network[];
}

/** The result of a durable write. */
export interface Recorded {
  /** The bans that are newly in force. */
  readonly bans: readonly Ban[];
  /** The bans in force that bans by hand have replaced. Absent: no ban by hand was recorded. */
  readonly replaced?: readonly Ban[];
  /** The changes that each action has to make for these bans. An action without changes is left out. */
  readonly changes: readonly Change[];
}

/** A sample of the bans that a firewall should hold, and the number of all these bans. Each call of `Wanted` returns another sample. */
export interface Sample {
  readonly sample: readonly Entry[];
  readonly count: number;
}

/** Returns the entries that a firewall should hold: all of them, or a sample when there are more than `most`. */
export type Wanted = (most: number) => readonly Entry[] | Sample;

/** The difference between a firewall and the bans that it should hold. The kind of the result depends on the firewall. */
export type Drift =
  /** The firewall was listed: it lacks the `missing` entries, and holds the `extra` networks that it should not. */
  | { readonly kind: 'listed'; readonly missing: readonly Entry[]; readonly extra: readonly Network[] }
  /** There are too many bans for a listing, so a sample of them was looked up: `complete` when the firewall holds each of them. */
  | { readonly kind: 'sampled'; readonly looked: number; readonly complete: boolean }
  /** The firewall cannot be asked. */
  | { readonly kind: 'unknown' };

/** One firewall. Every call is one batch; when its promise rejects, it is not known which part of the batch was carried out. */
export interface Action {
  /** Unique among the actions of one configuration. */
  readonly name: string;
  /** Makes the tables, chains or sets that bans need. Existing tables, chains and sets, for example after a crash, are kept. */
  open(): Promise<void>;
  /** Adds networks, or moves the ends of networks that the firewall holds. Resolves to the refused networks, each with the reason. */
  ban(entries: readonly Entry[]): Promise<readonly Refused[]>;
  /** Removes networks. A network that the firewall does not hold is no error. */
  unban(networks: readonly Network[]): Promise<readonly Refused[]>;
  /** Makes the firewall hold exactly these entries, in one transaction if the firewall has transactions. */
  replace(entries: readonly Entry[]): Promise<readonly Refused[]>;
  /**
   * Compares the networks that the firewall holds and acts on with the networks of `wanted`. `wanted` is called once, before the firewall is
   * asked. Changes no ban.
   */
  check(wanted: Wanted): Promise<Drift>;
  /**
   * Asks the firewall whether it would take bans, and changes nothing. Needs no `open`. Resolves to the reasons why it would refuse them. Absent:
   * the firewall cannot be asked.
   */
  probe?(): Promise<readonly string[]>;
  /**
   * Calls `changed` after any change to the firewall's contents, including changes by Trapline, until `close`. Absent: changes are not
   * reported.
   */
  watch?(changed: () => void): void;
  /** False for a network that this action never holds, such as an IPv6 network where the kernel has no IPv6. Absent: true for all. */
  covers?(network: Network): boolean;
  /** False for an action that stops no packet, such as one that prints. Absent: true. */
  readonly blocks?: false;
  /**
   * The longest time from now to the end of an entry. The action shortens an entry with a later end to this time, and the entry must be set
   * again before it ends. Absent: no limit.
   */
  readonly horizon?: Millis | undefined;
  /** Aborts a call that still runs, and runs the `close` commands of the action if there are any. Bans stay in the firewall. */
  close(): Promise<void>;
}

/** One network that a firewall refused; the rest of its batch was carried out. */
export interface Refused {
  readonly network: Network;
  readonly because: string;
}
