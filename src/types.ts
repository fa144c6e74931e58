// The words that cross the walls between rooms. Readonly plain data that survives JSON, and the ports that rooms are handed.
import type { Address, Network } from './lib/address.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Millis = number;

/** What sources hand over: whole lines as bytes, each ended by a newline (the very last of an archive may lack it). */
export interface Batch {
  /** Which source, as shown to people and as the key of its cursor: `file:/var/log/mail.log`, `journal`. */
  readonly source: string;
  /** Valid until the next batch is asked for: old logs are read into the same memory again. May be empty: then only the cursor counts. */
  readonly bytes: Buffer;
  /** An instant near the lines (live: now). A date without a year is read as the one nearest to it. */
  readonly at: Millis;
  /** Where to go on after these lines; opaque to everybody but the source. Undefined for what is read once (standard input). */
  readonly cursor: string | undefined;
}

/** A way for lines to come in. `read` ends when the signal aborts or, for an archive, when all is read. */
export interface Source {
  readonly name: string;
  read(from: string | undefined, signal: AbortSignal): AsyncIterable<Batch>;
  /** How it is doing; absent when there is nothing to tell. */
  stats?(): SourceState;
}

/** What a source tells of itself for `status` and for progress bars. */
export interface SourceState {
  /** A few words: `following 2 files`, `waiting for the file`, `reading`. */
  readonly state: string;
  /** Lines handed over so far; 0 from an archive, whose lines are not counted. */
  readonly lines: number;
  /** Bytes of lines handed over so far; of an archive bytes of the file read so far. */
  readonly bytes: number;
  /** Bytes of the whole file, when that is known. */
  readonly size?: number;
}

/** What a filter took from a line besides the address. All of it is the attacker's text: decoded, bounded, not escaped. */
export interface Fields {
  readonly trap?: string;
  readonly sender?: string;
  readonly helo?: string;
  readonly queueId?: string;
  readonly [name: string]: string | undefined;
}

/** One line that a rule of a jail's filter recognised. */
export interface Hit {
  readonly jail: string;
  readonly rule: string;
  readonly address: Address;
  readonly at: Millis;
  /** 16 hexadecimal digits: the same message at the same second has the same key in every copy and every format of the log. */
  readonly key: string;
  readonly fields: Fields;
}

/** A network as a jail sees it. */
export interface Subject {
  readonly network: Network;
  readonly jail: string;
}

/** What the ledger knows of a network in a jail. */
export interface Past {
  /** End of the ban on record with the latest end; null: for ever; undefined: none. It may be over: compare it with the hit. */
  readonly bannedUntil: Millis | null | undefined;
  /** When the last offence's ban began; undefined: none on record. */
  readonly lastOffence: Millis | undefined;
  /** Offences on record that have not been forgotten. */
  readonly offences: number;
}

/** A ban: of a network, by a jail or by hand, from an instant to another (null: for ever). */
export interface Ban {
  readonly network: Network;
  readonly jail: string;
  readonly since: Millis;
  readonly until: Millis | null;
  /** 1 for the first ban of this network in this jail, 2 for the next, ... */
  readonly offence: number;
  readonly origin: 'log' | 'hand';
  /** Why, in the operator's words (by hand) or the rule's name (from a log). */
  readonly reason: string;
  /** By hand against the allow-list: a later look at that list does not lift it. */
  readonly forced?: true;
}

/** The jail name of bans made by hand. */
export const HAND_JAIL = 'manual';

/** What `decide` makes of one hit. */
export type Verdict =
  /** Allow-listed, own, loopback, ...: never banned. */
  | { readonly kind: 'spare'; readonly hit: Hit; readonly because: string }
  /** Counted; not enough yet. */
  | { readonly kind: 'watch'; readonly hit: Hit; readonly network: Network; readonly count: number; readonly maxretry: number }
  /** Banned already: recorded, nothing to do. */
  | { readonly kind: 'held'; readonly hit: Hit; readonly network: Network; readonly until: Millis | null }
  /** To be banned. `note` says what is not as usual (a network narrowed to one client because it holds an allowed address). */
  | { readonly kind: 'ban'; readonly hit: Hit; readonly ban: Ban; readonly note?: string };

/** What an action is told of one network: banned until then (null: for ever). */
export interface Entry {
  readonly network: Network;
  readonly until: Millis | null;
}

/** Some of what a firewall should hold, others each time, and how many there are in all. */
export interface Sample {
  readonly sample: readonly Entry[];
  readonly count: number;
}

/** What a firewall should hold: all of it, or a sample when that is more than `most`. */
export type Wanted = (most: number) => readonly Entry[] | Sample;

/** A way for bans to go out. Every call is one batch; a promise that rejects means that nothing certain is known of the batch. */
export interface Action {
  readonly name: string;
  /** Makes what is needed (tables, chains, sets); normal when it is there already, as after a crash. */
  open(): Promise<void>;
  /** Adds networks, or moves the end of those that are there. Resolves to those that were refused, each with the reason. */
  ban(entries: readonly Entry[]): Promise<readonly Refused[]>;
  /** Removes networks; one that is not there is no error. */
  unban(networks: readonly Network[]): Promise<readonly Refused[]>;
  /** Makes the firewall hold exactly these, in one transaction where the firewall has such a thing. */
  replace(entries: readonly Entry[]): Promise<readonly Refused[]>;
  /** What the firewall holds now, and acts on; absent when it cannot tell. */
  list?(): Promise<readonly Network[]>;
  /** More networks than these are not to be listed, it takes the firewall too long: `holds` is asked instead. Absent: any number. */
  readonly listable?: number;
  /** Whether all of these are in the firewall, without changing anything; to be there when `listable` is. */
  holds?(networks: readonly Network[]): Promise<boolean>;
  /** Has `changed` called when somebody may have changed what the firewall holds, this program included, until `close`; absent: nobody tells. */
  watch?(changed: () => void): void;
  /** False for a network that this action leaves alone for good, such as IPv6 where the kernel has none; absent: takes all. */
  covers?(network: Network): boolean;
  /** How far ahead an end can lie, from now; what ends later is set to end then, and has to be replaced in time. Absent: no limit. */
  readonly horizon?: Millis;
  /** Gives up a call that still runs, and ends what open began as far as the action says so; bans in a firewall stay. */
  close(): Promise<void>;
}

/** One element that a firewall refused; the rest of its batch is in. */
export interface Refused {
  readonly network: Network;
  readonly because: string;
}

/** Where notices go. Texts are one line; attacker text in them has been through `printable`. */
export interface Log {
  debug(text: string): void;
  info(text: string): void;
  notice(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** A clock that tests can turn. */
export type Clock = () => Millis;

/** A ban as listings show it: times as ISO 8601 in UTC. */
export interface BanRow {
  readonly network: string;
  readonly jail: string;
  readonly since: string;
  readonly until: string | null;
  readonly offence: number;
  readonly origin: 'log' | 'hand';
  readonly reason: string;
}

/** A ban by hand, all or nothing. */
export interface BanRequest {
  /** As typed: parsed by the daemon, all or nothing. */
  readonly networks: readonly string[];
  /** Milliseconds; null: for ever; undefined: the bantime of the configuration's defaults. */
  readonly duration?: Millis | null;
  readonly reason?: string;
  /** Also what is allow-listed (never loopback or the machine's own). */
  readonly force?: boolean;
}

/** An unban by hand. */
export interface UnbanRequest {
  /** Every ban inside each of these; `all`: every ban. */
  readonly networks: readonly string[];
  readonly all?: boolean;
}

/** What a backfill, or a stream of hits handed to the daemon, came to. */
export interface HitsSummary {
  readonly hits: number;
  /** Hits that the ledger had already. */
  readonly known: number;
  readonly spared: number;
  readonly watched: number;
  readonly held: number;
  /** Bans decided, over or not. */
  readonly bans: number;
  /** Of those, the ones set because they are still in force. */
  readonly set: readonly BanRow[];
}

/** The state of a running daemon, as `trapline status --json` prints it. */
export interface Status {
  readonly version: string;
  readonly pid: number;
  readonly since: string;
  readonly config: string | null;
  readonly ledger: string;
  readonly bans: number;
  readonly hits: number;
  /** Hits that wait in memory because the ledger cannot be written; their bans are in force. */
  readonly unwritten: number;
  readonly sources: readonly { readonly name: string; readonly state: string; readonly lines: number; readonly bytes: number }[];
  readonly jails: readonly {
    readonly name: string;
    readonly filter: string;
    readonly hits: number;
    readonly bans: number;
    readonly spared: number;
    readonly rules: readonly { readonly name: string; readonly setAside: string | null }[];
  }[];
  readonly actions: readonly {
    readonly name: string;
    readonly state: 'ok' | 'failing';
    readonly owed: number;
    readonly lastError: string | null;
    readonly drift: number;
  }[];
}

/** The one port that control and web get: everything an operator can ask of a running daemon. */
export interface Controls {
  status(): Status;
  /** All bans in force, or those inside a network. Refused with a UsageError when the text is none. */
  bans(within?: string): readonly BanRow[];
  /** All bans in force, a page at a time and in no order, when there are so many that a list would take long; undefined: ask for the list. */
  pages?(): Iterable<readonly BanRow[]> | undefined;
  ban(request: BanRequest): Promise<readonly BanRow[]>;
  unban(request: UnbanRequest): Promise<readonly BanRow[]>;
  /** Rejects with a ConfigError, the running configuration untouched. */
  reload(): Promise<void>;
  /** Judges hits from an old log and records them; `fromNow`: ban times count from now. */
  judge(hits: AsyncIterable<readonly Hit[]>, options: { readonly fromNow: boolean }): Promise<HitsSummary>;
}
