// Finds the new hits in old logs. Two hits with equal keys may come from two messages in one second, so the occurrences of each key are
// counted.
import type { Hit } from '../words/walk.ts';

/** The maximum number of messages that one run (the hits of one backfill) remembers. With more messages, the run forgets the older half. */
const MOST_REMEMBERED = 500_000;

/** The name of a message within a run. */
export function nameOf({ jail, key }: Hit): string {
  return `${jail} ${key}`;
}

/** Counts the occurrences of each message in one run. */
export class Occurrences {
  readonly #counts = new Map<string, number>();

  /** 1 for the first hit of a message, 2 for the second, and so on. */
  next(hit: Hit): number {
    const name = nameOf(hit);
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    if (this.#counts.size > MOST_REMEMBERED) this.#forget(MOST_REMEMBERED / 2);
    return count;
  }

  /** Forgets the oldest messages: a Map lists its keys in the order in which they were added. */
  #forget(count: number): void {
    let left = count;
    for (const name of this.#counts.keys()) {
      if (left === 0) return;
      this.#counts.delete(name);
      left -= 1;
    }
  }
}

/**
 * Removes duplicates between the files of one backfill. The hits of different files may come in any order. The number of hits
 * that are kept of a message is the highest number that any one file has of it.
 */
export class Novelty {
  /** The number of hits of each message that were returned. */
  readonly #returned = new Map<string, number>();
  /** The number of hits of each message in each file that is still read. */
  readonly #inFile = new Map<string, Map<string, number>>();

  /**
   * Returns the hits of a file that no other file had. `isLast`: no other file is still to be read. Then new messages are not remembered, so a
   * backfill of one file needs no memory for them.
   */
  of(file: string, hits: readonly Hit[], isLast = false): readonly Hit[] {
    let counts = this.#inFile.get(file);
    if (!counts) this.#inFile.set(file, (counts = new Map<string, number>()));
    const here = counts;
    return hits.filter((hit) => {
      const name = nameOf(hit);
      const returned = this.#returned.get(name) ?? 0;
      if (isLast && returned === 0) return true;
      const count = (here.get(name) ?? 0) + 1;
      here.set(name, count);
      if (count > returned) this.#returned.set(name, count);
      return count > returned;
    });
  }

  /** Forgets the counts of a file. The caller calls this after the last hits of the file. */
  endOf(file: string): void {
    this.#inFile.delete(file);
  }
}
