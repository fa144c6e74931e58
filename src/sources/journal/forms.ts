// Recognises the output formats of journalctl(1) that hold whole entries, and turns the formats of several lines into one line of JSON for each
// entry: `export`, `json-pretty` and `verbose`. `json`, `json-seq` and `json-sse` have one line for each entry already.
import { DamagedError } from '../../errors.ts';
import { LINE_LIMIT, WholeLines } from '../lines.ts';
import { ExportEntries } from './export.ts';

/** A format of journalctl. `json` includes `json-seq` and `json-sse`. */
export type JournalForm = 'json' | 'json-pretty' | 'export' | 'verbose';

/** Turns chunks of a log into chunks of lines. Each line is an entry as JSON. */
export interface EntryLines {
  /** Throws a DamagedError when the chunk is not in this format. */
  feed(chunk: Buffer): Buffer;
  /** The last entry, at the end of the log. */
  flush(): Buffer;
}

/** The longest entry in bytes. A longer entry is left out. */
const ENTRY_LIMIT = 16 * LINE_LIMIT;

/** The bytes at the start of a log that show its format. */
export const START_OF_LOG = 65_536;

/**
 * A field that every entry has, and that no program can send (systemd.journal-fields(7)). In a text of JSON every quote has a backslash before it,
 * so no message matches.
 */
const FIELD = /[{,]\s*"__(?:CURSOR|REALTIME_TIMESTAMP|MONOTONIC_TIMESTAMP)"\s*:/;

/** The start of an entry of `json`, `json-seq` and `json-sse`. */
// oxlint-disable-next-line no-control-regex -- the record separator of RFC 7464
const ENTRY = /^(?:\x1e|data: ?)?\{/;

/** The first line of an entry of `verbose`, with the time at which journald received it. */
const HEAD =
  /^[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [A-Za-z0-9+-]{1,8} \[(?:[a-z]=[0-9a-f]{1,32};){1,8}?t=(?<micros>[0-9a-f]{1,16})(?:;[a-z]=[0-9a-f]{1,32}){0,4}\]$/;

/** The format of a log with entries of the journal, from its first bytes: at least one line, or `START_OF_LOG` bytes. Undefined for any other log. */
export function journalForm(start: Buffer): JournalForm | undefined {
  const text = start.toString('latin1', 0, START_OF_LOG).replace(/^(?:\xef\xbb\xbf)?\s*/, '');
  if (text.startsWith('__CURSOR=')) return 'export';
  if (/^\{\r?\n/.test(text)) return 'json-pretty';
  // The fields of an entry may lie behind `start`. A log of such entries counts as a journal too, so that the sender of each entry is checked.
  if (ENTRY.test(text) && (FIELD.test(text) || !text.includes('\n'))) return 'json';
  return HEAD.test(text.slice(0, 512).split('\n', 1)[0] ?? '') ? 'verbose' : undefined;
}

/** A reader of entries in this format. `where`: the log, for messages. */
export function entryLines(form: JournalForm, where: string): EntryLines {
  switch (form) {
    case 'json':
      return { feed: (chunk) => chunk, flush: () => Buffer.alloc(0) };
    case 'export':
      return new ExportEntries(ENTRY_LIMIT, (offset) => new DamagedError(`${where}: is no journal export behind byte ${offset}`));
    case 'json-pretty':
      return new LinesOfEntries(new PrettyEntry());
    case 'verbose':
      return new LinesOfEntries(new VerboseEntry());
  }
}

/** Collects the lines of an entry. Each method returns an entry if it is complete now. */
interface Entry {
  add(line: string): string | undefined;
  end(): string | undefined;
}

/** Passes whole lines to an entry. */
class LinesOfEntries implements EntryLines {
  readonly #lines = new WholeLines(() => {}, ENTRY_LIMIT);
  readonly #entry: Entry;

  constructor(entry: Entry) {
    this.#entry = entry;
  }

  feed(chunk: Buffer): Buffer {
    const entries: (string | undefined)[] = [];
    for (const part of this.#lines.feed(chunk)) {
      // No object is made for a line, because a megabyte may have a million lines.
      const lines = part.toString('utf8').split('\n').slice(0, -1);
      for (const line of lines) {
        const entry = this.#entry.add(line.endsWith('\r') ? line.slice(0, -1) : line);
        if (entry !== undefined) entries.push(entry);
      }
    }
    return joined(entries);
  }

  flush(): Buffer {
    const last = this.#lines.flush();
    return joined([last && this.#entry.add(last.toString('utf8').trimEnd()), this.#entry.end()]);
  }
}

function joined(entries: readonly (string | undefined)[]): Buffer {
  return Buffer.from(entries.flatMap((entry) => (entry === undefined ? [] : [`${entry}\n`])).join(''));
}

/** `json-pretty`: an entry begins with the line `{` and ends with the line `}`. A text of JSON has no newline, so it holds no such line. */
class PrettyEntry implements Entry {
  #lines: string[] = [];
  #length = 0;

  add(line: string): string | undefined {
    if (line === '{') this.#lines = [];
    if (this.#lines.length === 0) this.#length = 0;
    // An empty line takes memory too.
    this.#length += line.length + 1;
    if (this.#length <= ENTRY_LIMIT) this.#lines.push(line);
    if (line !== '}') return undefined;
    const entry = this.#lines.join(' ');
    this.#lines = [];
    return this.#length <= ENTRY_LIMIT ? entry : undefined;
  }

  end(): undefined {
    return undefined;
  }
}

/**
 * `verbose`: an entry begins with a line with its date and cursor, and has a line `    NAME=VALUE` for each field. journalctl indents the further
 * lines of a value by more blanks. A value with further lines becomes `null`: no message of Postfix has a newline.
 */
class VerboseEntry implements Entry {
  #fields: Map<string, string | null> | undefined;
  #last: string | undefined;
  /** The characters of the fields of the entry so far. */
  #length = 0;

  add(line: string): string | undefined {
    const micros = HEAD.exec(line)?.groups?.['micros'];
    if (micros !== undefined) {
      const before = this.end();
      this.#fields = new Map([['__REALTIME_TIMESTAMP', String(Number.parseInt(micros, 16))]]);
      this.#last = undefined;
      this.#length = 0;
      return before;
    }
    this.#length += line.length;
    if (this.#length > ENTRY_LIMIT) this.#fields = undefined;
    const [, name, value] = /^ {4}([A-Z0-9_]{1,64})=(.*)$/s.exec(line) ?? [];
    if (name !== undefined && value !== undefined) this.#fields?.set(name, this.#fields.has(name) ? null : value);
    else if (this.#last !== undefined) this.#fields?.set(this.#last, null);
    this.#last = name ?? this.#last;
    return undefined;
  }

  end(): string | undefined {
    const entry = this.#fields && JSON.stringify(Object.fromEntries(this.#fields));
    this.#fields = undefined;
    return entry;
  }
}
