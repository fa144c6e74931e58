// Tells hits apart that stand in two files of one backfill: a log beside its own copy must not count twice.
import type { Hit } from '../types.ts';

/** The hits of a row of files, each message as often as the file has it that has it most often. */
export class Novelty {
  /** How often each message came in the files before, at most in one of them. */
  readonly #before = new Map<string, number>();
  #here = new Map<string, number>();

  /** What comes now is of another file. */
  nextFile(): void {
    for (const [key, count] of this.#here) this.#before.set(key, Math.max(count, this.#before.get(key) ?? 0));
    this.#here = new Map();
  }

  /** Those hits that no file before has had. */
  of(hits: readonly Hit[]): readonly Hit[] {
    return hits.filter(({ jail, key }) => {
      const name = `${jail} ${key}`;
      const count = (this.#here.get(name) ?? 0) + 1;
      this.#here.set(name, count);
      return count > (this.#before.get(name) ?? 0);
    });
  }
}
