// Defines the options of a ledger and their defaults.
import type { Schema } from '../lib/store/migrate.ts';
import type { Scope } from '../words/firewall.ts';
import type { Clock, Log, Millis } from '../words/ports.ts';
import type { Rider } from '../words/witnesses.ts';

/** How a ledger is opened. */
export interface LedgerOptions {
  readonly log: Log;
  readonly clock: Clock;
  /**
   * `write` (the default): the file is read and written, and is made when it is missing. `read`: only queries are allowed. `rehearse`: the
   * ledger is a copy of the file, or is empty when the file is missing; new records do not reach the disk.
   */
  readonly access?: 'write' | 'read' | 'rehearse';
  /** A monotonic clock, in milliseconds from any start. Without `steady`, the ledger does not detect that the wall clock was set. */
  readonly steady?: Clock;
  /** Returns the scope of each action. It is called at each use, so that a reload can change the scopes. Default: there are no actions. */
  readonly scopes?: () => readonly Scope[];
  /** Listeners that write rows in the transactions of the ledger. Used with the access `write` only. Default: no listeners. */
  readonly riders?: readonly Rider[];
  /** The tables of all other modules that keep rows in this file, including modules that are switched off. Default: no such tables. */
  readonly schemas?: readonly Schema[];
  /** How long hits are kept. Default: 90 days. */
  readonly hitRetention?: Millis;
  /** How long past offences are kept: at least the longest `bantime_forget`. Default: 90 days. */
  readonly offenceRetention?: Millis;
  /** The maximum number of bans in force. Without a limit, an attacker with many IPv6 networks could fill the ledger. Default: a million. */
  readonly mostBans?: number;
  /** True: this program is the only one that writes to the file until `close`. Default: false. */
  readonly sole?: boolean;
  /** Called when another program changed or damaged the file, so that bans may be missing in it. Default: nothing is done. */
  readonly damaged?: () => void;
  /** How long a write waits for another program that writes. Default: 5 seconds. */
  readonly busyTimeout?: Millis;
}

/** The options that have a default value. */
export type Filled = Required<Omit<LedgerOptions, 'steady' | 'busyTimeout' | 'sole'>>;

/** 90 days. */
const RETENTION: Millis = 90 * 86_400_000;

/** The options, with defaults for absent options. */
export function withDefaults(options: LedgerOptions): LedgerOptions & Filled {
  return {
    access: 'write',
    scopes: () => [],
    riders: [],
    schemas: [],
    hitRetention: RETENTION,
    offenceRetention: RETENTION,
    mostBans: 1_000_000,
    damaged: () => {},
    ...options,
  };
}
