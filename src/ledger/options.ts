// How a ledger is opened.
import type { Clock, Log, Millis } from '../types.ts';

/** How a ledger is opened. */
export interface LedgerOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Works on a snapshot: everything can be asked and recorded, nothing of it reaches the disk. No file is an empty ledger. */
  readonly readOnly?: boolean;
  /** How long hits are kept. Default: 90 days. */
  readonly hitRetention?: Millis;
  /** How long past offences are kept: at least the longest `bantime_forget`. Default: 90 days. */
  readonly offenceRetention?: Millis;
  /** More bans than these are not in force at a time: a network of its own is nothing to an attacker with IPv6. Default: a million. */
  readonly mostBans?: number;
  /** How long a write waits for another program that writes. Default: 5 seconds. */
  readonly busyTimeout?: Millis;
  /** Milliseconds that only go forward, from any zero: with them it is seen when the wall clock is set back. */
  readonly steady?: Clock;
}

/** When nobody says. */
const RETENTION: Millis = 90 * 86_400_000;

/** How long hits and past offences are kept. */
export interface Retention {
  readonly hits: Millis;
  readonly offences: Millis;
}

/** The retention that the options ask for. */
export function retentionOf(options: LedgerOptions): Retention {
  return { hits: options.hitRetention ?? RETENTION, offences: options.offenceRetention ?? RETENTION };
}
