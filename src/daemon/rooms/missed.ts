// Counts the near misses of each source, for `status`, and reports the first one of each source and reason.
import { MissCounts } from '../../filters/match.ts';
import type { MissedLines } from '../../words/desk.ts';
import type { Log } from '../../words/ports.ts';
import type { NearMiss } from '../../words/walk.ts';

/** The near misses of all sources since the start. */
export class Misses {
  readonly #log: Log;
  readonly #sources = new Map<string, MissCounts>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Counts near misses. The first one of a source and a reason is logged, and no further one. */
  add(source: string, misses: readonly NearMiss[]): void {
    const counts = this.#sources.get(source) ?? new MissCounts();
    this.#sources.set(source, counts);
    for (const { kind, reason, line } of counts.add(misses)) {
      // A line with an unknown name is reported once for each name (filters/rules/strangers.ts).
      if (kind !== 'name') this.#log.notice(noticeText(source, reason, line));
    }
  }

  /** The near misses of a source, for `status`; no key when there are none. */
  of(source: string): { readonly nearMisses?: readonly MissedLines[] } {
    const rows = this.#sources.get(source)?.rows() ?? [];
    return rows.length > 0 ? { nearMisses: rows } : {};
  }
}

/** The notice about the first near miss of a source and a reason. The text from the log comes last. */
function noticeText(source: string, reason: string, line: string): string {
  return `${source}: a line with the words of a trap is no hit: ${reason}; "trapline status" counts such lines; the first is: ${line}`;
}
