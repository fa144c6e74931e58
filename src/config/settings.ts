// The types of the resolved configuration: every default is filled in, and spans of time are in milliseconds. The folders of `src` define
// the types of their own options.
import type { JailPolicy, Policy } from '../decision/options.ts';
import type { FilterOptions } from '../filters/options.ts';
import type { Network } from '../lib/address.ts';
import type { Level } from '../lib/text/log.ts';
import type { Where } from '../lib/yaml/yaml.ts';
import type { SourceOptions } from '../sources/options.ts';
import type { Millis } from '../words/ports.ts';

/** One jail: its filter, its policy of bans, and the actions that carry out its bans. */
export interface JailSetting extends JailPolicy, FilterOptions {
  /** Types of actions, as in the top-level `actions`. If `actions` has `auto`, a jail may also name the action that `auto` selects. */
  readonly actions: 'all' | readonly string[];
}

/** One entry of `actions`. */
export interface ActionSetting {
  /** The name of an action, the absolute path of its file, or `auto`: the firewall of this machine. */
  readonly type: string;
  /** The keys besides `type`: `ports`, `block`, and the action's own options, which the action checks. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The whole configuration. */
export interface Config {
  /** The file that the configuration was read from; null for the built-in configuration. */
  readonly file: string | null;
  readonly sources: 'auto' | readonly SourceOptions[];
  /** The names by which Postfix marks its lines, see isSyslogName. `auto`: `postfix*` and the names that postconf(1) reports. */
  readonly syslogNames: 'auto' | readonly string[];
  /** Path of the ledger. */
  readonly state: string;
  readonly control: {
    readonly socket: string;
    readonly mode: number;
    readonly group: string;
    /** The socket for readers, which refuses requests that change anything. Undefined: there is no such socket. */
    readonly readers: { readonly socket: string; readonly group: string } | undefined;
  };
  readonly actions: readonly ActionSetting[];
  /** Folders of the operator's own filters and actions. They are searched before the shipped filters and actions. */
  readonly filtersFolder: string;
  readonly actionsFolder: string;
  /** Prefixes of address translators in front of this server, each with a prefix length of RFC 6052. */
  readonly nat64: readonly Network[];
  /** The time between two comparisons of the firewall with the ledger. */
  readonly sync: Millis;
  readonly logLevel: Level;
  readonly hitRetention: Millis;
  readonly defaults: Policy;
  /** Jails that are switched on. */
  readonly jails: readonly JailSetting[];
  /** Jails that are switched off. Their existing bans stay in the actions that they name until the bans end. */
  readonly idleJails: readonly JailSetting[];
  /** Returns the place of an option in the file, for messages. An option is given by its path, such as `['jails', 'spamtrap', 'filter']`. */
  readonly where: Where;
  /** For each option that is written under its former name: one line for the log, with the place of the option. */
  readonly notices: readonly string[];
}
