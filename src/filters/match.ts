// The entry point of the filters: finds the hits in a batch of lines. The bytes are searched for literals, and only lines that hold a
// literal are decoded and matched by the rules. It reads no clock and does no I/O, but it logs when a rule is set aside.
import { POSTFIX_NAMES } from '../lib/text/syslogname.ts';
import type { Log, Millis } from '../words/ports.ts';
import type { Batch, Hit, Missed } from '../words/walk.ts';
import { runExamples } from './examples.ts';
import { forgeExamples } from './forge.ts';
import { hitOf } from './hit.ts';
import { smtpdNameOf, zoned } from './linestart/linestart.ts';
import { compileFilter, type CompiledFilter } from './file/load.ts';
import { formsFor, type Forms, type Looking } from './looking.ts';
import { lastLineOf, readBehind, Repeats, type Behind } from './repeats.ts';
import { NearMisses, Runner, type JailRules } from './rules/runner.ts';
import { findLines, startsOf, type Line } from './search/lines.ts';

export { loadFilter, type Filter, type Settings } from './file/load.ts';
export { MissCounts, type JailRules, type MissCount } from './rules/runner.ts';

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
  /** The name that distinguishes this log from all other logs. */
  readonly log: string;
  readonly at: Millis;
  /** True when the lines are new in a followed log. */
  readonly live: boolean;
  /** The lines `last message repeated N times` at the start of the batch; absent for a batch without bytes. */
  readonly start?: Behind;
  readonly lines: readonly Line[];
  readonly jails: readonly number[];
}

/** Matching lines of an old log are collected up to this number, then judged and recorded together. */
const MOST_LINES = 2000;

/**
 * The search for near misses takes a tenth of the time of a backfill. So it searches only the first bytes of an old log, and then one MiB in
 * sixteen. In the other parts, a line is found as a near miss only if it holds a literal of a filter.
 */
export const NEAR_BYTES = 8 * 2 ** 20;
const MIB = 2 ** 20;
const NEAR_PART = 16;

/** Batches of an old log are collected up to this number, even if they hold few matching lines. */
const MOST_WAITING = 1000;

/** Finds hits. A line gives at most one hit for each jail: the hit of the first matching rule of the jail's filter. */
export class Matcher {
  /** The reason for each jail that is stopped because its filter has a fault. */
  readonly stopped: ReadonlyMap<string, string>;
  readonly #runner: Runner;
  readonly #nearMisses: NearMisses;
  /** The search in each source that a jail names, and the search in all other sources. */
  readonly #lookingIn: ReadonlyMap<string, Forms>;
  readonly #looking: Forms;
  readonly #lineLimit: number;
  readonly #repeats = new Repeats();

  /** Throws ConfigError for a rule that a jail's filter does not have. */
  constructor(jails: readonly JailRules[], options: MatcherOptions) {
    this.#runner = new Runner(jails, options.timeLimit ?? 100, options.log);
    this.#lineLimit = options.lineLimit ?? 8192;
    this.stopped = options.stopped ?? new Map();
    this.#nearMisses = new NearMisses(jails, { run: (lines) => this.#runner.run(lines) });
    const lookingAt = formsFor(jails);
    this.#looking = lookingAt(undefined);
    const named = jails.flatMap(({ sources = 'all' }) => (sources === 'all' ? [] : sources));
    this.#lookingIn = new Map(named.map((source) => [source, lookingAt(source)]));
  }

  /**
   * Returns the hits of a batch, in the order of its lines. A hit whose line has no readable time gets the time of the batch. The time of a
   * line that has just been written in another time zone is corrected. `missed` gets the near misses, if there are any. Without `missed`,
   * they are not looked for. `further`: the batch is a further part of the last one, so both share the limit of the hits that repeats add.
   */
  match(batch: Batch, missed?: Missed, further = false): readonly Hit[] {
    return zoned(this.#hitsOf([this.#searched(batch, missed !== undefined)], missed, further), batch);
  }

  /** The offsets at which those lines of a batch begin that can be hits or near misses, ascending. A line about repeats of the line before it is not among them. */
  candidates(batch: Batch): readonly number[] {
    return startsOf(batch.bytes, this.#lookingAt(batch).near);
  }

  #lookingAt({ source, envelopes }: Batch): Looking {
    const { plain, escaped } = this.#lookingIn.get(source) ?? this.#looking;
    return escaped && envelopes?.escaped === true ? escaped : plain;
  }

  /**
   * Yields the hits of an old log, in the order of its lines. The lines of many batches are matched together, because running the rules for
   * each batch costs more than reading the log (docs/decisions/0010-scan.md). When reading the log fails, the hits before the failure are
   * yielded first. `missed`: see `match`; of a long log, it may miss near misses.
   */
  async *matchAll(batches: AsyncIterable<Batch>, missed?: Missed): AsyncGenerator<readonly Hit[]> {
    let waiting: Searched[] = [];
    let lines = 0;
    let read = 0;
    try {
      for await (const batch of batches) {
        const near = missed !== undefined && (read < NEAR_BYTES || Math.floor(read / MIB) % NEAR_PART === 0);
        const searched = this.#searched(batch, near);
        read += batch.bytes.length;
        waiting.push(searched);
        lines += searched.lines.length;
        if (lines < MOST_LINES && waiting.length < MOST_WAITING) continue;
        yield this.#hitsOf(waiting, missed);
        waiting = [];
        lines = 0;
      }
    } catch (thrown) {
      yield this.#hitsOf(waiting, missed);
      throw thrown;
    }
    yield this.#hitsOf(waiting, missed);
  }

  /** Copies from a batch the data that the rules need, because its bytes may be overwritten before the rules run. */
  #searched(batch: Batch, near: boolean): Searched {
    const { source, log = source, bytes, before, at, writtenAfter } = batch;
    const looking = this.#lookingAt(batch);
    const { jails } = looking;
    const search = near ? looking.near : looking.plain;
    const lines = findLines(batch, search, this.#lineLimit);
    if (before) this.#recall(log, findLines({ bytes: before, at }, looking.plain, this.#lineLimit), at);
    const live = writtenAfter !== undefined;
    return { log, at, live, lines, jails, ...(bytes.length > 0 && { start: readBehind(bytes, 0, at) }) };
  }

  /** Remembers the last line before a batch, which another matcher has matched: the batch may begin with repeats of it. */
  #recall(log: string, lines: readonly Line[], at: Millis): void {
    const last = lines.find(({ behind }) => behind.open);
    if (!last) return;
    const hits = (this.#runner.run([last])[0] ?? []).flatMap(
      (one) => hitOf(one, last.text, at, last.written, { live: true, dated: last.dated }) ?? [],
    );
    this.#repeats.after(log, { repeats: [], open: true }, lastLineOf(last.text, hits));
  }

  #hitsOf(batches: readonly Searched[], missed?: Missed, further = false): readonly Hit[] {
    const found = this.#runner.run(batches.flatMap(({ lines }) => lines.filter(isForRules))).values();
    const hits: Hit[] = [];
    if (!further) this.#repeats.begin();
    for (const { log, at, live, start, lines, jails } of batches) {
      const left: Line[] = [];
      if (start) hits.push(...this.#repeats.ofBatchBefore(log, start));
      for (const line of lines) {
        const { text, written, dated, times, behind } = line;
        const rules = (isForRules(line) && found.next().value) || [];
        if (rules.length === 0) left.push(line);
        const own = rules.flatMap((one) => hitOf(one, text, at, written, { live, dated }) ?? []);
        if (own.length === 0) continue;
        hits.push(...own);
        if (times > 1) hits.push(...this.#repeats.copies(own, times - 1, own[0]?.at ?? at));
        if (behind.open || behind.repeats.length > 0) {
          hits.push(...this.#repeats.after(log, behind, lastLineOf(text, own)));
        }
      }
      const misses = missed && left.length > 0 ? this.#nearMisses.of(left, jails) : [];
      if (misses.length > 0) missed?.(misses);
    }
    return hits;
  }

  /** The rules that count in each jail. `setAside` is the reason why a rule is no longer run, and null for a rule that is run. */
  rules(): readonly { readonly jail: string; readonly rule: string; readonly setAside: string | null }[] {
    return this.#runner.rules();
  }
}

/** True for a line that holds a literal of a filter. Any other line may only be a near miss. */
const isForRules = ({ jails }: Line): boolean => jails.length > 0;

/** Makes a matcher for these jails. Throws ConfigError for a rule that a jail's filter does not have. */
export function createMatcher(jails: readonly JailRules[], options: MatcherOptions): Matcher {
  return new Matcher(jails, options);
}

/**
 * Loads a filter file, runs its examples and tries to forge them. An example that is a hit may have any syslog_name. Each problem is one line
 * of text. Throws ConfigError when the file cannot be loaded.
 */
export function checkFilterFile(path: string): { readonly filter: CompiledFilter; readonly problems: readonly string[] } {
  const file = path.includes('/') ? path : `./${path}`;
  const usual = compileFilter(file, { folders: [] });
  const names = usual.examples.flatMap(({ line, expected }) => (expected && smtpdNameOf(line)) || []);
  const others = names.filter((name) => !name.startsWith('postfix'));
  const filter = others.length === 0 ? usual : compileFilter(file, { folders: [], names: [...POSTFIX_NAMES, ...new Set(others)] });
  const problems: string[] = [];
  const report = (text: string): void => void problems.push(text);
  const log: Log = { debug: () => {}, info: () => {}, notice: () => {}, warn: report, error: report };
  const rules = Object.fromEntries(filter.rules.map((rule) => [rule.name, true]));
  const matcher = createMatcher([{ jail: filter.name, filter, rules }], { log });
  const match = (batch: Batch): readonly Hit[] => matcher.match(batch);
  problems.push(...runExamples(filter, match), ...forgeExamples(filter, match));
  return { filter, problems };
}
