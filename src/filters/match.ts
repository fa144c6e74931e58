// The door of the filters: a batch of lines goes in, hits come out. The bytes are searched for literals; only lines that hold one are decoded
// and shown to the rules. Reads no clock and does no I/O, but for the notice that a rule was set aside.
import { hash } from 'node:crypto';
import { parseAddress } from '../lib/address.ts';
import { parseTimestamp } from '../lib/timestamp.ts';
import type { Batch, Hit, Log, Millis } from '../types.ts';
import { ANY_START, HOST_OF } from './blocks.ts';
import { runExamples } from './examples.ts';
import { loadFilter, type Filter } from './load.ts';
import { Runner, type Found, type Watch } from './run.ts';
import { Finder } from './search/finder.ts';
import { findLines, type Line, type Needle } from './search/lines.ts';
import { readBehind, type Behind } from './search/repeats.ts';

export { loadFilter, type Filter, type Settings } from './load.ts';
export type { Watch } from './run.ts';

/** Limits of a matcher. */
export interface MatcherOptions {
  readonly log: Log;
  /** Bytes of a line that are looked at; 8 KiB by default. A record of Postfix has 2061 at most. */
  readonly lineLimit?: number;
  /** Milliseconds that the rules may take for up to 200 lines; 100 by default. A rule that takes longer is set aside. */
  readonly timeLimit?: number;
}

/** What a batch holds for the rules. */
interface Searched {
  readonly source: string;
  readonly at: Millis;
  /** Absent for a batch of no bytes. */
  readonly start?: Behind;
  readonly lines: readonly Line[];
}

/** Lines of an old log that wait for others: as many as are worth writing down together. */
const MOST_LINES = 2000;

/** Batches that wait, whether they hold anything or not. */
const MOST_WAITING = 1000;

/** Finds hits: at most one for a line and jail, by the first rule that matches, in the order of the jail's filter. */
export class Matcher {
  readonly #runner: Runner;
  readonly #needles: readonly Needle[];
  readonly #lineLimit: number;
  readonly #repeats = new Repeats();

  /** Throws ConfigError for a rule that a jail's filter does not have. */
  constructor(watches: readonly Watch[], options: MatcherOptions) {
    this.#runner = new Runner(watches, options.timeLimit ?? 100, options.log);
    this.#lineLimit = options.lineLimit ?? 8192;
    const literals = [...new Set(watches.flatMap((watch) => watch.filter.literals))];
    this.#needles = literals.map((literal) => ({
      finder: new Finder(Buffer.from(literal, 'latin1')),
      jails: watches.flatMap((watch, index) => (watch.filter.literals.includes(literal) ? [index] : [])),
    }));
  }

  /** The hits of a batch, in the order of its lines. A line whose time cannot be read has the batch's. */
  match(batch: Batch): readonly Hit[] {
    return this.#hitsOf([this.#searched(batch)]);
  }

  /**
   * The hits of an old log, in the order of its lines, some thousand at a time: running the rules for each batch of it costs more than reading
   * it (docs/decisions/0010-scan.md). When the log ends with an error, the hits before come first.
   */
  async *matchAll(batches: AsyncIterable<Batch>): AsyncGenerator<readonly Hit[]> {
    let waiting: Searched[] = [];
    let lines = 0;
    try {
      for await (const batch of batches) {
        const searched = this.#searched(batch);
        waiting.push(searched);
        lines += searched.lines.length;
        if (lines < MOST_LINES && waiting.length < MOST_WAITING) continue;
        yield this.#hitsOf(waiting);
        waiting = [];
        lines = 0;
      }
    } catch (thrown) {
      yield this.#hitsOf(waiting);
      throw thrown;
    }
    yield this.#hitsOf(waiting);
  }

  /** What is kept of a batch: its bytes may be gone when the rules are run. */
  #searched(batch: Batch): Searched {
    const { source, bytes, at } = batch;
    const lines = findLines(batch, this.#needles, this.#lineLimit);
    return { source, at, lines, ...(bytes.length > 0 && { start: readBehind(bytes, 0, at) }) };
  }

  #hitsOf(batches: readonly Searched[]): readonly Hit[] {
    const found = this.#runner.run(batches.flatMap(({ lines }) => lines)).values();
    const hits: Hit[] = [];
    for (const { source, at, start, lines } of batches) {
      if (start) hits.push(...this.#repeats.ofBatchBefore(source, start));
      for (const { text, behind } of lines) {
        const own = (found.next().value ?? []).flatMap((one) => hitOf(one, text, at) ?? []);
        if (own.length === 0) continue;
        hits.push(...own);
        if (behind.open || behind.repeats.length > 0) {
          hits.push(...this.#repeats.after(source, behind, { host: hostOf(text), hits: own }));
        }
      }
    }
    return hits;
  }

  /** The rules that count in each jail, and for one that took too long and is not run any more, how it was so. */
  rules(): readonly { readonly jail: string; readonly rule: string; readonly setAside: string | null }[] {
    return this.#runner.rules();
  }
}

/** Longer fields are cut; SMTP allows addresses of 254 characters and Postfix logs 2000 bytes. */
const FIELD_BYTES = 512;

/** No hit when what stands in the address's place is none (`unknown`, `999.1.1.1`). */
function hitOf(found: Found, text: string, near: Millis): Hit | undefined {
  const address = parseAddress(found.groups['address'] ?? '');
  if (address === undefined) return undefined;
  const at = parseTimestamp(text, near)?.at ?? near;
  const fields: Record<string, string> = {};
  for (const name in found.groups) {
    const value = found.groups[name];
    if (name !== 'address' && value !== undefined) fields[name] = decode(value.slice(0, FIELD_BYTES));
  }
  // journald drops blanks at the end of a message.
  const message = text.slice(ANY_START.exec(text)?.[0].length ?? 0).trimEnd();
  return { jail: found.jail, rule: found.rule, address, at, key: keyOf(at, message), fields };
}

const NOT_ASCII = /[^\x20-\x7e]/;

/** From a character a byte to the UTF-8 that the bytes are meant as; what is none becomes U+FFFD. */
function decode(value: string): string {
  return NOT_ASCII.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

function keyOf(at: Millis, message: string): string {
  return hash('sha256', `${Math.floor(at / 1000)} ${message}`, 'hex').slice(0, 16);
}

function hostOf(text: string): string | undefined {
  return HOST_OF.exec(text)?.groups?.['host'];
}

/** A line that was a hit and that ended its batch, or was followed there by nothing but word of its being repeated. */
interface Last {
  readonly host: string | undefined;
  readonly hits: readonly Hit[];
}

/** Sources whose last line is remembered; each has one. */
const REMEMBERED = 256;

/** Hits that one line can add. */
const MOST_REPEATS = 1000;

/** Hits that syslogd counted instead of writing their lines. */
class Repeats {
  readonly #last = new Map<string, Last>();

  /** Hits that the first lines of a batch add to the last line of the batch before it. */
  ofBatchBefore(source: string, start: Behind): readonly Hit[] {
    const last = this.#last.get(source);
    if (!last) return [];
    this.#last.delete(source);
    return this.after(source, start, last);
  }

  /** Hits that what stands behind a line adds to its own. */
  after(source: string, { repeats, open }: Behind, last: Last): readonly Hit[] {
    const more: Hit[] = [];
    for (const { host, times, at } of repeats) {
      if (host !== last.host) return more;
      for (let count = 1; count <= Math.min(times, MOST_REPEATS); count += 1) {
        more.push(...last.hits.map((hit) => ({ ...hit, at, key: keyOf(at, `${hit.key} ${count}`) })));
      }
    }
    if (open && last.host !== undefined) this.#remember(source, last);
    return more;
  }

  #remember(source: string, last: Last): void {
    this.#last.set(source, last);
    const [oldest] = this.#last.keys();
    if (this.#last.size > REMEMBERED && oldest !== undefined) this.#last.delete(oldest);
  }
}

/** Makes a matcher for these jails. Throws ConfigError for a rule that a jail's filter does not have. */
export function createMatcher(watches: readonly Watch[], options: MatcherOptions): Matcher {
  return new Matcher(watches, options);
}

/** Loads a filter file and runs its examples; each problem is one line for people. Throws ConfigError when the file cannot be loaded at all. */
export function checkFilterFile(path: string): { readonly filter: Filter; readonly problems: readonly string[] } {
  const filter = loadFilter(path.includes('/') ? path : `./${path}`, { folders: [] });
  const problems: string[] = [];
  const report = (text: string): void => void problems.push(text);
  const log: Log = { debug: () => {}, info: () => {}, notice: () => {}, warn: report, error: report };
  const rules = Object.fromEntries(filter.rules.map((rule) => [rule.name, true]));
  const matcher = createMatcher([{ jail: filter.name, filter, rules }], { log });
  problems.push(...runExamples(filter, (batch) => matcher.match(batch)));
  return { filter, problems };
}
