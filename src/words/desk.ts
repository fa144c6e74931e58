// The types of an operator's requests, and of their answers.
import type { Millis } from './ports.ts';
import type { Hit } from './walk.ts';

/** A ban as listings show it: times as ISO 8601 in UTC. */
export interface BanRow {
  readonly network: string;
  /** The IPv4 address or network of a client whose packets arrive through a translator. Absent for any other ban. */
  readonly client?: string;
  readonly jail: string;
  readonly since: string;
  readonly until: string | null;
  readonly offence: number;
  readonly origin: 'log' | 'hand';
  readonly reason: string;
  /**
   * Why a firewall does not hold the ban yet or, in the answer to an unban, why it does not let the network in yet. Absent: the firewalls
   * agree with the ledger.
   */
  readonly owed?: string;
  /** In the answer to a ban by hand: the ban by hand that it replaced, if that ban would have ended later or had another reason. */
  readonly replaced?: { readonly until: string | null; readonly reason: string };
}

/** The maximum length of the reason of a ban by hand, in UTF-16 units. A request with a longer reason is refused. */
export const LONGEST_REASON = 500;

/** A ban by hand. All its networks are banned, or none of them. */
export interface BanRequest {
  /** Addresses and networks as typed; the daemon parses them. */
  readonly networks: readonly string[];
  /** Milliseconds; null: for ever; undefined: the bantime of the configuration's defaults. */
  readonly duration?: Millis | null;
  /** At most LONGEST_REASON long. */
  readonly reason?: string;
  /** The user who requests the ban (name and uid), according to the client. At most LONGEST_REASON long. It is logged with the ban. */
  readonly by?: string;
  /** True: also allow-listed networks are banned, but never loopback or an own address of the machine. */
  readonly force?: boolean;
}

/** An unban by hand. */
export interface UnbanRequest {
  /** Every ban inside one of these networks is lifted. With `all`, every ban is lifted. */
  readonly networks: readonly string[];
  readonly all?: boolean;
  /** True: also forgets the past offences of every lifted network and of `networks`. The next hit then counts as the first offence. */
  readonly forgive?: boolean;
  /** The user who requests the unban (name and uid), according to the client. At most LONGEST_REASON long. It is logged with each unban. */
  readonly by?: string;
}

/** The result of a backfill, or of a stream of hits sent to the daemon. */
export interface HitsSummary {
  readonly hits: number;
  /** Hits that were already recorded before. */
  readonly known: number;
  readonly spared: number;
  readonly watched: number;
  readonly held: number;
  /** The number of bans that were decided, including those that have ended since. */
  readonly bans: number;
  /** The bans that were set, because they are still in force. */
  readonly set: readonly BanRow[];
}

/** The near misses of one source for one reason: lines that hold the words of a trap, and that no rule took. */
export interface MissedLines {
  /**
   * `prefix`: an unknown start of the line. `envelope`: an envelope that the source does not take off. `name`: an unknown name of Postfix. `text`, `bare`: the table has another text, or none. `filter`:
   * no jail has the filter. `action`: the table has another action.
   */
  readonly kind: string;
  readonly reason: string;
  /** The number of these lines since the start. */
  readonly count: number;
  /** The start of the first of these lines, escaped and cut. */
  readonly line: string;
}

/** The state of a running daemon, as `trapline status --json` prints it. */
export interface Status {
  readonly version: string;
  readonly pid: number;
  /** The name of this machine (hostname(1)). */
  readonly host: string;
  readonly since: string;
  readonly config: string | null;
  readonly ledger: string;
  /** The names of changed options that take effect only at the next start. Absent: none. */
  readonly pending?: readonly string[];
  readonly bans: number;
  readonly hits: number;
  /** Hits that wait in memory because the ledger cannot be written; their bans are in force. */
  readonly unwritten: number;
  /** Why the ledger cannot be written at present; null while it can be written. */
  readonly ledgerFault: string | null;
  readonly sources: readonly {
    readonly name: string;
    readonly state: string;
    readonly lines: number;
    readonly bytes: number;
    /** Why the source, or a part of it, is not read at present, with its path. Absent: all of it is read. */
    readonly fault?: string;
    /** True: no line of the source is read until `fault` is removed. Absent: a part is read, or the log only has to appear. */
    readonly blind?: boolean;
    /** Losses since the start: bytes that were deleted unread, and files that were deleted before they could be opened. Absent: none. */
    readonly lost?: { readonly bytes: number; readonly files: number };
    /**
     * Programs that date their new lines in another time zone than that of Trapline: host and program as in the line, and what their dates are
     * ahead (`+05:45`) or behind (`-02:00`). Absent: no such program is known.
     */
    readonly zones?: readonly { readonly writer: string; readonly offset: string }[];
    /** Near misses since the start. Absent: none. */
    readonly nearMisses?: readonly MissedLines[];
  }[];
  readonly jails: readonly {
    readonly name: string;
    readonly filter: string;
    /** Why the jail finds no hits: a fault in its filter. Null for a jail that works. */
    readonly stopped: string | null;
    readonly hits: number;
    readonly bans: number;
    readonly spared: number;
    readonly rules: readonly { readonly name: string; readonly setAside: string | null }[];
  }[];
  readonly actions: readonly {
    readonly name: string;
    readonly state: 'ok' | 'failing';
    /** False while every call fails. True also while the firewall refuses single bans, which `state` reports as failing. */
    readonly works: boolean;
    /** False for an action that stops no packet. */
    readonly blocks: boolean;
    /** The number of changes that are not carried out yet. While no call succeeds, every ban counts that the firewall may lack. */
    readonly owed: number;
    readonly lastError: string | null;
    /** Since when calls have failed, or bans have been refused; null: nothing is wrong. */
    readonly since: string | null;
    readonly drift: number;
  }[];
  /** At most 100 banned networks that still cause hits. */
  readonly ineffective: readonly {
    readonly network: string;
    readonly jail: string;
    /** When the banned network caused its first hit during the ban. */
    readonly since: string;
    /** The number of hits since one minute after `since`. Earlier hits do not count, because an SMTP session may have been open. */
    readonly hits: number;
    /** The likely reasons. */
    readonly because: string;
  }[];
}

/** Requests that a daemon answers without changing anything. */
export interface Reports {
  status(): Status;
  /**
   * Yields the bans in force, in pages without a particular order. With `within`, yields only bans of networks that lie inside this network
   * or contain it. Throws UsageError when `within` is not a network.
   */
  bans(within?: string): Iterable<readonly BanRow[]>;
}

/** Requests that change something, which a daemon carries out for an operator. */
export interface Orders {
  ban(request: BanRequest): Promise<readonly BanRow[]>;
  unban(request: UnbanRequest): Promise<readonly BanRow[]>;
  /** Reads the configuration again. Rejects with ConfigError; then the running configuration stays in use. */
  reload(): Promise<void>;
  /** Judges hits from an old log and records them. `fromNow`: ban times count from now. */
  judge(hits: AsyncIterable<readonly Hit[]>, options: { readonly fromNow: boolean }): Promise<HitsSummary>;
}
