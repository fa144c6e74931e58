// The door of the filters: a batch of lines goes in, hits come out. The bytes are searched for literals; only lines that hold one are decoded
// and shown to the rules. Reads no clock and does no I/O, but for the notice that a rule was set aside.
import { createHash } from 'node:crypto';
import { parseAddress } from '../lib/address.ts';
import { parseTimestamp } from '../lib/timestamp.ts';
import type { Batch, Hit, Log, Millis } from '../types.ts';
import { ANY_START, HOST_OF, REPEATED } from './blocks.ts';
import { runExamples } from './examples.ts';
import { loadFilter, type Filter } from './load.ts';
import { Runner, type Found, type Watch } from './run.ts';
import { Finder } from './search/finder.ts';
import { findLines, type Needle } from './search/lines.ts';

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
    const lines = findLines(batch.bytes, this.#needles, this.#lineLimit);
    const found = this.#runner.run(lines);
    const hits = [...this.#repeats.ofBatchBefore(batch)];
    for (const [index, line] of lines.entries()) {
      const own = (found[index] ?? []).flatMap((one) => hitOf(one, line.text, batch.at) ?? []);
      if (own.length > 0) hits.push(...own, ...this.#repeats.after(batch, line.end + 1, { host: hostOf(line.text), hits: own }));
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
  for (const [name, value] of Object.entries(found.groups)) {
    if (name !== 'address' && value !== undefined) fields[name] = decode(value.slice(0, FIELD_BYTES));
  }
  // journald drops blanks at the end of a message.
  const message = text.slice(ANY_START.exec(text)?.[0].length ?? 0).trimEnd();
  return { jail: found.jail, rule: found.rule, address, at, key: keyOf(at, message), fields };
}

/** From a character a byte to the UTF-8 that the bytes are meant as; what is none becomes U+FFFD. */
function decode(value: string): string {
  return /[^\x20-\x7e]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

function keyOf(at: Millis, message: string): string {
  return createHash('sha256')
    .update(`${Math.floor(at / 1000)} `)
    .update(message, 'latin1')
    .digest('hex')
    .slice(0, 16);
}

function hostOf(text: string): string | undefined {
  return HOST_OF.exec(text)?.groups?.['host'];
}

/** The last line of a batch that was a hit, or said that a hit was repeated. */
interface Last {
  readonly host: string | undefined;
  readonly hits: readonly Hit[];
}

/** Sources whose last line is remembered; each has one. */
const REMEMBERED = 256;

/** Hits that one line can add. */
const MOST_REPEATS = 1000;

/** Bytes of a line that says `last message repeated`; host names have 255 at most. */
const REPEAT_BYTES = 512;

/** `last message repeated N times`: syslogd writes it in the place of N further lines that are like the one before. */
class Repeats {
  readonly #last = new Map<string, Last>();

  /** Hits that the first lines of a batch add to the last line of the batch before it. */
  ofBatchBefore(batch: Batch): readonly Hit[] {
    const last = this.#last.get(batch.source);
    if (!last || batch.bytes.length === 0) return [];
    this.#last.delete(batch.source);
    return this.after(batch, 0, last);
  }

  /** Hits that the lines from an offset on add to the hits of the line before it. */
  after(batch: Batch, offset: number, last: Last): readonly Hit[] {
    const more: Hit[] = [];
    let start = offset;
    while (start < batch.bytes.length && last.host !== undefined) {
      const text = batch.bytes.toString('latin1', start, start + REPEAT_BYTES).split(/\r?\n/, 1)[0] ?? '';
      const { host, times } = REPEATED.exec(text)?.groups ?? {};
      if (host !== last.host) return more;
      const at = parseTimestamp(text, batch.at)?.at ?? batch.at;
      for (let count = 1; count <= Math.min(Number(times), MOST_REPEATS); count += 1) {
        more.push(...last.hits.map((hit) => ({ ...hit, at, key: keyOf(at, `${hit.key} ${count}`) })));
      }
      start += text.length + (batch.bytes[start + text.length] === 0x0d ? 2 : 1);
    }
    if (last.host !== undefined) this.#remember(batch.source, last);
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
