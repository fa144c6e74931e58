// What the program gets to see of the configuration: everything decided, spans in milliseconds, plain data.
import type { Level } from '../lib/log.ts';
import type { Millis } from '../types.ts';

/** When and for how long a jail bans. */
export interface Policy {
  /** Hits within `findtime` that lead to a ban. */
  readonly maxretry: number;
  readonly findtime: Millis;
  /** Length of the first ban; null: for ever. */
  readonly bantime: Millis | null;
  /** How bans grow: each is `factor` times the one before, up to `max`, until `forget` has passed. Undefined: they do not. */
  readonly increment: { readonly factor: number; readonly max: Millis; readonly forget: Millis } | undefined;
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
  /** Networks in canonical text, and absolute paths of files in pf's table format. */
  readonly ignoreip: readonly string[];
}

/** One jail that is switched on. */
export interface JailSetting extends Policy {
  readonly name: string;
  /** The name of a filter, or the absolute path of its file. */
  readonly filter: string;
  /** What the filter is told. */
  readonly settings: { readonly text?: string };
  /** Rules of the filter switched on or off against their default. */
  readonly rules: Readonly<Record<string, boolean>>;
}

/** One place where lines come from. */
export type SourceSetting =
  | { readonly type: 'file'; readonly path: string; readonly from: 'start' | 'end' }
  | { readonly type: 'journal'; readonly postfixUid?: number };

/** One way for bans to go out. */
export interface ActionSetting {
  /** The name of an action, the absolute path of its file, or `auto`: the firewall of this machine. */
  readonly type: string;
  /** What is written beside `type`, for the action to check: `ports`, `block` and whatever else it knows. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The whole configuration. */
export interface Config {
  /** The file it was read from; null: built in. */
  readonly file: string | null;
  readonly sources: 'auto' | readonly SourceSetting[];
  /** Path of the ledger. */
  readonly state: string;
  readonly control: {
    readonly socket: string;
    readonly mode: number;
    readonly group: string;
    /** The second socket, which changes nothing; undefined: none. */
    readonly readers: { readonly socket: string; readonly group: string } | undefined;
  };
  readonly actions: readonly ActionSetting[];
  /** Where an operator's own filters and actions are; searched before the shipped ones. */
  readonly filtersFolder: string;
  readonly actionsFolder: string;
  readonly sync: Millis;
  readonly logLevel: Level;
  readonly hitRetention: Millis;
  readonly defaults: Policy;
  readonly jails: readonly JailSetting[];
  /** `file:line:col` of an option as it is written, such as `['jails', 'spamtrap', 'filter']`, for messages. */
  readonly where: (path: readonly PropertyKey[]) => string;
}
