// The options of decision: how a jail counts hits and how long it bans. The configuration is read into these types.
import type { Millis } from '../words/ports.ts';

/** How ban times grow from one offence to the next. */
export interface Increment {
  /** Each further ban is this many times as long as the previous ban. */
  readonly factor: number;
  /** Bans grow up to this length; a first ban that is longer keeps its length. */
  readonly max: Millis;
  /** After this time without an offence, the next offence counts as the first offence. */
  readonly forget: Millis;
}

/** When and for how long a jail bans. */
export interface Policy {
  /** The number of hits within `findtime` that lead to a ban; at least 1. */
  readonly maxretry: number;
  readonly findtime: Millis;
  /** Length of the first ban; null: for ever. */
  readonly bantime: Millis | null;
  /** How bans grow with each offence. Undefined: all bans have the length `bantime`. */
  readonly increment: Increment | undefined;
  /** Hits are counted and bans are made for the network of this prefix length around the client. */
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
  /** Networks that are never banned, in canonical text, and paths of files in pf's table format that list such networks. */
  readonly ignoreip: readonly string[];
}

/** The policy of one jail. */
export interface JailPolicy extends Policy {
  readonly name: string;
}
