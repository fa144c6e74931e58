// The types of the data that sources, filters, decision and ledger pass on. Hits, bans and verdicts are plain and readonly, and can be
// written as JSON.
import type { Address, Network } from '../lib/address.ts';
import type { Millis } from './ports.ts';

/** A piece of a log: whole lines as bytes, each ended by a newline (the last line of an archive may lack it). */
export interface Batch {
  /** The name of the source, shown to people and used as the key of its cursor: `file:/var/log/mail.log`, `journal`. */
  readonly source: string;
  /** The log of the lines, for a source of several logs. Absent: the source is one log. */
  readonly log?: string;
  /** Whole lines right before these lines, read by an earlier run. They are no part of the batch. Absent: none, or this run has read them. */
  readonly before?: Buffer | undefined;
  /** Valid until the next batch is requested, because archives reuse their buffer. Empty when only the cursor has moved. */
  readonly bytes: Buffer;
  /**
   * An instant near the time when the lines were written; for a live log, the present time. A date without a year gets the year that brings
   * the date nearest to this instant.
   */
  readonly at: Millis;
  /**
   * An instant after which all these lines were written into the log, for example the last instant at which the log ended before them. A line
   * that was written now can still be old: a relay may have kept it. Absent: no such instant is known, as for an archive.
   */
  readonly writtenAfter?: Millis;
  /** Where to resume after these lines, in a form that only the source understands. Undefined for an archive, which is read once. */
  readonly cursor: string | undefined;
  /** The key under which the cursor is recorded; absent: the name of the source. See `Source.resume`. */
  readonly cursorKey?: string;
  /** Takes the envelopes off the lines. Absent: the lines have no envelopes. */
  readonly envelopes?: Envelopes | undefined;
}

/** The envelopes of the lines of a batch: what a container runtime or another program has put around each line of syslogd. */
export interface Envelopes {
  /** True if characters of the lines may be written as escapes of JSON, such as `\u003c`. It may search the batch, which takes some time. */
  readonly escaped: boolean;
  /**
   * Returns the line between two offsets of the batch without its envelope, and as it is if it has none. Undefined: the bytes are no line of a
   * log, but a part of a longer line, or an envelope that is damaged or of a kind that is not expected.
   */
  readonly open: (start: number, end: number) => Unwrapped | undefined;
}

/** A line without its envelope. */
export interface Unwrapped {
  /** The line as latin1, one character for each byte. */
  readonly text: string;
  /** When the line was written, if the envelope shows that. Absent: the date in the line counts. */
  readonly at?: Millis;
}

/** Where reading of a source stopped. `source` is the key of the cursor. */
export interface CursorOf {
  readonly source: string;
  readonly cursor: string;
}

/** A log that lines are read from. `read` ends when the signal aborts or, for an archive, at the end of the log. */
export interface Source {
  readonly name: string;
  /**
   * The options of the source as one text. A reload replaces a running source of this name if its text differs. Absent: there are no
   * options.
   */
  readonly settings?: string;
  read(from: string | undefined, signal: AbortSignal): AsyncIterable<Batch>;
  /**
   * Returns the cursor at which to resume. `cursor` returns the recorded cursor of a key. Absent: reading resumes at the cursor whose key is
   * the name of the source.
   */
  resume?(cursor: (key: string) => string | undefined): string | undefined;
  /** The reason why `read` is certain to fail. Undefined or absent: no such reason is known. */
  fault?(): string | undefined;
  /** The present state. Absent: the source reports no state. */
  stats?(): SourceState;
}

/** The state of a source, for `status`. */
export interface SourceState {
  /** The state in a few words: `following 2 files`, `waiting for the file`, `reading`. */
  readonly state: string;
  /** Lines handed over so far; 0 from an archive, whose lines are not counted. */
  readonly lines: number;
  /** Why the source, or a part of it, is not read at present, with its path. Absent: all of it is read. */
  readonly fault?: string;
  /** True: no line of the source is read until `fault` is removed. Absent: a part is read, or the log only has to appear. */
  readonly blind?: boolean;
  /** Bytes of lines handed over so far; for an archive, bytes of the file read so far. */
  readonly bytes: number;
  /** Losses since the source was opened: bytes that were deleted unread, and files that were deleted before they were opened. Absent: none. */
  readonly lost?: { readonly bytes: number; readonly files: number };
  /** Bytes of the whole file, when that is known. */
  readonly size?: number;
}

/** Texts that a filter captured from a line besides the address. The attacker wrote them: they are decoded and bounded, but not escaped. */
export interface Fields {
  readonly trap?: string;
  readonly sender?: string;
  readonly helo?: string;
  readonly queueId?: string;
  readonly [name: string]: string | undefined;
}

/** A log line that a rule of a jail's filter matched. */
export interface Hit {
  readonly jail: string;
  readonly rule: string;
  readonly address: Address;
  readonly at: Millis;
  /** 16 hexadecimal digits that identify the message and its second. The key is equal in every copy and every format of the log. */
  readonly key: string;
  readonly fields: Fields;
  /**
   * Present when the line has no date that can be read: the start of the line. `at` is then the time of the batch, which is the time of the
   * line only for a line that has just been written. It is not escaped.
   */
  readonly undated?: string;
  /** Present when the line has just been written, and its date has no offset from UTC. */
  readonly zone?: WriterZone;
}

/** The time zone of the program that wrote a line. */
export interface WriterZone {
  /** The host and the program in the line, such as `mx postfix/smtpd`. It is bounded, but not escaped. */
  readonly writer: string;
  /**
   * Milliseconds by which the date in the line is ahead of `Hit.at`; negative: behind. A whole number of quarters of an hour. 0: the writer has
   * the time zone of Trapline.
   */
  readonly ahead: Millis;
}

/** A line that holds the words of a trap, or nearly, where Postfix writes the text of a table, and that no rule took. */
export interface NearMiss {
  /** Tells the reasons apart: a word, and for some reasons a text of a filter. There are few kinds, whatever clients write. */
  readonly kind: string;
  /** Why no rule took the line, and what the operator can do. It may quote the text of the table, which is escaped and cut. */
  readonly reason: string;
  /** The start of the line, escaped and cut. */
  readonly line: string;
}

/** Gets the near misses of a batch, in the order of its lines. */
export type Missed = (misses: readonly NearMiss[]) => void;

/** A network and a jail: the pair for which the ledger counts offences. */
export interface Subject {
  readonly network: Network;
  readonly jail: string;
}

/** The record of a network in a jail. */
export interface Past {
  /** The latest end of any ban on record, which may lie before the hit; null: for ever; undefined: no ban is on record. */
  readonly bannedUntil: Millis | null | undefined;
  /** When the ban of the last offence began; undefined: no offence is on record. */
  readonly lastOffence: Millis | undefined;
  /** The number of offences that are still on record. */
  readonly offences: number;
}

/** The past of a network that has no record. */
export const NOTHING_KNOWN: Past = { bannedUntil: undefined, lastOffence: undefined, offences: 0 };

/** A ban of a network, by a jail or by hand. `until` is null for a ban without an end. */
export interface Ban {
  readonly network: Network;
  readonly jail: string;
  readonly since: Millis;
  readonly until: Millis | null;
  /** 1 for the first ban of this network in this jail, 2 for the next, ... */
  readonly offence: number;
  readonly origin: 'log' | 'hand';
  /** The reason: the operator's words for a ban by hand, or the rule's name for a ban from a log. */
  readonly reason: string;
  /** True for a ban by hand of an allow-listed network (`--force`). Later checks of the allow-list do not lift this ban. */
  readonly forced?: true;
}

/** The jail name of bans made by hand. */
export const HAND_JAIL = 'manual';

/** The judgement on one hit. */
export type Verdict =
  /** The client is never banned: its address is allow-listed, an own address, loopback, ... */
  | { readonly kind: 'spare'; readonly hit: Hit; readonly because: string }
  /** The hit is counted, and the network has fewer hits than `maxretry`. */
  | { readonly kind: 'watch'; readonly hit: Hit; readonly network: Network; readonly count: number; readonly maxretry: number }
  /** The network is banned already: the hit is recorded and changes nothing. */
  | { readonly kind: 'held'; readonly hit: Hit; readonly network: Network; readonly until: Millis | null }
  /** The network must be banned. `note` is for the operator. It explains a network that is not the usual network of the client. */
  | { readonly kind: 'ban'; readonly hit: Hit; readonly ban: Ban; readonly note?: string };
