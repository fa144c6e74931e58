// The entry point of the filters: finds the hits in a batch of lines. The bytes are searched for literals, and only lines that hold a
// literal are decoded and matched by the rules. It reads no clock and does no I/O, but it logs when a rule is set aside.
import { POSTFIX_NAMES } from '../lib/text/syslogname.ts';
import type { Log, Millis } from '../words/ports.ts';
import type { Batch, Hit } from '../words/walk.ts';
import { runExamples } from './examples.ts';
import { forgeExamples } from './forge.ts';
import { hitOf } from './hit.ts';
import { smtpdNameOf } from './linestart/linestart.ts';
import { loadFilter, type Filter } from './load.ts';
import { lastLineOf, readBehind, Repeats, type Behind } from './repeats.ts';
import { Runner, type JailRules } from './rules/runner.ts';
import { findLines, needleOf, startsOf, unescapedPart, type Line, type Needle } from './search/lines.ts';

export { loadFilter, type Filter, type Settings } from './load.ts';
export type { JailRules } from './rules/runner.ts';

/** Limits of a matcher. */
export interface MatcherOptions {
  readonly log: Log;
  /** The number of bytes of a line that are matched; 8 KiB by default. A record of Postfix has 2061 bytes at most. */
  readonly lineLimit?: number;
  /** Jails that are left out because their filter has a fault, each with the reason. */
  readonly stopped?: ReadonlyMap<string, string>;
  /** Milliseconds that the rules may take for up to 200 lines; 100 by default. A rule that takes longer is set aside: it is not run any more. */
  readonly timeLimit?: number;
}

/** The lines of a batch that the rules have to match. */
interface Searched {
  /** What tells this log from all others. */
  readonly log: string;
  readonly at: Millis;
  /** The lines `last message repeated N times` at the start of the batch; absent for a batch without bytes. */
  readonly start?: Behind;
  readonly lines: readonly Line[];
}

/** Matching lines of an old log are collected up to this number, then judged and recorded together. */
const MOST_LINES = 2000;

/** Batches of an old log are collected up to this number, even if they hold few matching lines. */
const MOST_WAITING = 1000;

/** Finds hits. A line gives at most one hit for each jail: the hit of the first matching rule of the jail's filter. */
export class Matcher {
  /** The reason for each jail that is stopped because its filter has a fault. */
  readonly stopped: ReadonlyMap<string, string>;
  readonly #runner: Runner;
  /** The needles (literals to search for) of each source that a jail names, and the needles of all other sources. */
  readonly #needlesOf: ReadonlyMap<string, Needles>;
  readonly #needles: Needles;
  readonly #lineLimit: number;
  readonly #repeats = new Repeats();

  /** Throws ConfigError for a rule that a jail's filter does not have. */
  constructor(jails: readonly JailRules[], options: MatcherOptions) {
    this.#runner = new Runner(jails, options.timeLimit ?? 100, options.log);
    this.#lineLimit = options.lineLimit ?? 8192;
    this.stopped = options.stopped ?? new Map();
    const named = jails.flatMap(({ sources = 'all' }) => (sources === 'all' ? [] : sources));
    this.#needlesOf = new Map(named.map((source) => [source, needlesIn(jails, source)]));
    this.#needles = needlesIn(jails, undefined);
  }

  /** Returns the hits of a batch, in the order of its lines. A hit whose line has no readable time gets the time of the batch. */
  match(batch: Batch): readonly Hit[] {
    return this.#hitsOf([this.#searched(batch)]);
  }

  /** The offsets at which those lines of a batch begin that can be hits, ascending. A line about repeats of the line before it is not among them. */
  candidates(batch: Batch): readonly number[] {
    return startsOf(batch.bytes, this.#needlesFor(batch));
  }

  /**
   * Yields the hits of an old log, in the order of its lines. The lines of many batches are matched together, because running the rules for
   * each batch costs more than reading the log (docs/decisions/0010-scan.md). When reading the log fails, the hits before the failure are
   * yielded first.
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

  /** Copies from a batch the data that the rules need, because its bytes may be overwritten before the rules run. */
  #searched(batch: Batch): Searched {
    const { source, log = source, bytes, before, at } = batch;
    const needles = this.#needlesFor(batch);
    const lines = findLines(batch, needles, this.#lineLimit);
    if (before) this.#recall(log, findLines({ bytes: before, at }, needles, this.#lineLimit), at);
    return { log, at, lines, ...(bytes.length > 0 && { start: readBehind(bytes, 0, at) }) };
  }

  #needlesFor({ source, envelopes }: Batch): readonly Needle[] {
    const { plain, escaped } = this.#needlesOf.get(source) ?? this.#needles;
    return envelopes?.escaped === true ? escaped : plain;
  }

  /** Remembers the last line before a batch, which another matcher has matched: the batch may begin with repeats of it. */
  #recall(log: string, lines: readonly Line[], at: Millis): void {
    const last = lines.find(({ behind }) => behind.open);
    if (!last) return;
    const hits = (this.#runner.run([last])[0] ?? []).flatMap((one) => hitOf(one, last.text, at, last.written, last.dated) ?? []);
    this.#repeats.after(log, { repeats: [], open: true }, lastLineOf(last.text, hits));
  }

  #hitsOf(batches: readonly Searched[]): readonly Hit[] {
    const found = this.#runner.run(batches.flatMap(({ lines }) => lines)).values();
    const hits: Hit[] = [];
    this.#repeats.begin();
    for (const { log, at, start, lines } of batches) {
      if (start) hits.push(...this.#repeats.ofBatchBefore(log, start));
      for (const { text, written, dated, times, behind } of lines) {
        const own = (found.next().value ?? []).flatMap((one) => hitOf(one, text, at, written, dated) ?? []);
        if (own.length === 0) continue;
        hits.push(...own);
        if (times > 1) hits.push(...this.#repeats.copies(own, times - 1, own[0]?.at ?? at));
        if (behind.open || behind.repeats.length > 0) {
          hits.push(...this.#repeats.after(log, behind, lastLineOf(text, own)));
        }
      }
    }
    return hits;
  }

  /** The rules that count in each jail. `setAside` is the reason why a rule is no longer run, and null for a rule that is run. */
  rules(): readonly { readonly jail: string; readonly rule: string; readonly setAside: string | null }[] {
    return this.#runner.rules();
  }
}

/** The needles for the lines of one source. */
interface Needles {
  readonly plain: readonly Needle[];
  /** For lines in which characters may be written as escapes, see unescapedPart. */
  readonly escaped: readonly Needle[];
}

function needlesIn(jails: readonly JailRules[], source: string | undefined): Needles {
  const literals = [...new Set(jails.flatMap(({ filter }) => filter.literals))];
  const needles = (part: (literal: string) => string): readonly Needle[] =>
    literals.flatMap((literal) => {
      const looking = jails.flatMap((jail, index) =>
        jail.filter.literals.includes(literal) && looksIn(jail, source) ? [index] : [],
      );
      return looking.length > 0 ? [needleOf(part(literal), looking)] : [];
    });
  const plain = needles((literal) => literal);
  return { plain, escaped: literals.every((literal) => unescapedPart(literal) === literal) ? plain : needles(unescapedPart) };
}

/** True for a jail that matches the lines of a source. Undefined stands for a source that no jail names. */
function looksIn({ sources = 'all' }: JailRules, source: string | undefined): boolean {
  return sources === 'all' || (source !== undefined && sources.includes(source));
}

/** Makes a matcher for these jails. Throws ConfigError for a rule that a jail's filter does not have. */
export function createMatcher(jails: readonly JailRules[], options: MatcherOptions): Matcher {
  return new Matcher(jails, options);
}

/**
 * Loads a filter file, runs its examples and tries to forge them. An example that is a hit may have any syslog_name. Each problem is one line
 * of text. Throws ConfigError when the file cannot be loaded.
 */
export function checkFilterFile(path: string): { readonly filter: Filter; readonly problems: readonly string[] } {
  const file = path.includes('/') ? path : `./${path}`;
  const usual = loadFilter(file, { folders: [] });
  const names = usual.examples.flatMap(({ line, expected }) => (expected && smtpdNameOf(line)) || []);
  const others = names.filter((name) => !name.startsWith('postfix'));
  const filter = others.length === 0 ? usual : loadFilter(file, { folders: [], names: [...POSTFIX_NAMES, ...new Set(others)] });
  const problems: string[] = [];
  const report = (text: string): void => void problems.push(text);
  const log: Log = { debug: () => {}, info: () => {}, notice: () => {}, warn: report, error: report };
  const rules = Object.fromEntries(filter.rules.map((rule) => [rule.name, true]));
  const matcher = createMatcher([{ jail: filter.name, filter, rules }], { log });
  const match = (batch: Batch): readonly Hit[] => matcher.match(batch);
  problems.push(...runExamples(filter, match), ...forgeExamples(filter, match));
  return { filter, problems };
}
