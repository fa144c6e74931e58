// The options of the sources. The configuration is read into these types.

/** The kinds of envelopes (see envelope/envelope.ts). `none`: lines have no envelope. `auto`: envelopes are recognised by themselves. */
export const ENVELOPES = ['none', 'docker', 'cri', 'compose', 'json'] as const;

/** What other programs than syslogd have put around the lines of a log. */
export type EnvelopeKind = (typeof ENVELOPES)[number] | 'auto';

/** Options of a source of type `file`. */
export interface FileOptions {
  readonly type: 'file';
  /** A path, or a pattern with `*`, `?`, `[...]`, `{...}` or `**`. The file need not exist yet. */
  readonly path: string;
  /** Where reading begins in files that exist at the very first start, when no cursor is stored: at their end by default. */
  readonly from?: 'start' | 'end';
  /** The envelope of each line; `none` by default. */
  readonly envelope?: EnvelopeKind;
}

/** Options of a source of type `journal`. */
export interface JournalOptions {
  readonly type: 'journal';
  /** User id of Postfix's mail_owner; read with postconf(1) and id(1) by default. */
  readonly postfixUid?: number;
  /** Names of the containers whose entries count; none by default. */
  readonly containers?: readonly string[];
  /** The program and its first arguments; `journalctl` by default. */
  readonly command?: readonly string[];
  /** The machine (machine-id(5)) whose entries count; any machine by default. */
  readonly machine?: string;
  /** Where reading begins at the very first start, when no cursor is stored: at the end by default. */
  readonly from?: 'start' | 'end';
}

/** One entry of the configuration's `sources`. */
export type SourceOptions = FileOptions | JournalOptions;

/** The name of a source. It is the key of the cursor in the ledger, and each batch of the source carries it. */
export function sourceName(options: Pick<FileOptions, 'type' | 'path'> | Pick<JournalOptions, 'type'>): string {
  return options.type === 'file' ? `file:${options.path}` : 'journal';
}

/** A source as the configuration writes it, from its name: `file:/var/log/mail.log` is `/var/log/mail.log`. */
export function writtenSource(name: string): string {
  return name.replace(/^file:/, '');
}

/** The options of a source as one text. Their order does not change the text. A reload replaces a source when its text differs. */
export function settingsOf(options: SourceOptions): string {
  return JSON.stringify(Object.entries(options).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
