// Counts near misses by their reasons.
import type { NearMiss } from '../../../words/walk.ts';

/** The near misses for one reason. */
export interface MissCount {
  /** `prefix`, `envelope`, `name`, `text`, `bare`, `filter` or `action`: the first word of `NearMiss.kind`. */
  readonly kind: string;
  readonly reason: string;
  readonly count: number;
  /** The start of the first line, escaped and cut. */
  readonly line: string;
}

/** The maximum number of reasons that are counted. Only a daemon whose filters get new texts again and again has more reasons. */
const MOST_REASONS = 50;

/** The numbers of near misses. The memory is bounded, whatever clients write. */
export class MissCounts {
  readonly #kinds = new Map<string, { kind: string; reason: string; count: number; line: string }>();

  /** Counts near misses, and returns the first one of each reason that is new. */
  add(misses: readonly NearMiss[]): readonly NearMiss[] {
    return misses.filter(({ kind, reason, line }) => {
      const counts = this.#kinds.get(kind);
      if (counts) counts.count += 1;
      if (counts || this.#kinds.size >= MOST_REASONS) return false;
      this.#kinds.set(kind, { kind: kind.split(' ', 1)[0] ?? kind, reason, count: 1, line });
      return true;
    });
  }

  /** The number of all near misses. */
  get total(): number {
    return this.rows().reduce((sum, { count }) => sum + count, 0);
  }

  /** A row for each reason, in the order in which the reasons appeared. */
  rows(): readonly MissCount[] {
    return [...this.#kinds.values()].map((counts) => ({ ...counts }));
  }
}
