// Tells hits apart that stand in two files of one backfill: a log beside its own copy must not count twice.
import type { Hit } from '../types.ts';

/** The hits of a row of files, each message as often as the file has it that has it most often. */
export class Novelty {
  /** How often each message came in the files before, at most in one of them. */
  readonly #before = new Map<string, number>();
  #here = new Map<string, number>();
  #isLast = false;

  /** What comes now is of another file. With the last one only what was there before is kept in mind: of a single file nothing. */
  nextFile(isLast = false): void {
    for (const [key, count] of this.#here) this.#before.set(key, Math.max(count, this.#before.get(key) ?? 0));
    this.#here = new Map();
    this.#isLast = isLast;
  }

  /** Those hits that no file before has had. */
  of(hits: readonly Hit[]): readonly Hit[] {
    return hits.filter(({ jail, key }) => {
      const name = `${jail} ${key}`;
      const before = this.#before.get(name) ?? 0;
      if (this.#isLast && before === 0) return true;
      const count = (this.#here.get(name) ?? 0) + 1;
      this.#here.set(name, count);
      return count > before;
    });
  }
}
