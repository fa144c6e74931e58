// Runs synchronous work under a time limit. The timeout of `vm` can interrupt a backtracking RegExp, because V8 checks for interrupts while
// it backtracks. But the timeout starts a thread for each call, which takes 0.3 ms on an idle machine and up to 5 ms on a busy one.
import { createContext, Script, type Context } from 'node:vm';

/**
 * The number of attempts before the work counts as too slow. A single attempt does not suffice, because the machine may just be busy. Each
 * attempt has four times the limit of the attempt before.
 */
const ATTEMPTS = 4;

/** Limits the time of synchronous work. An error that the work throws is passed on. */
export class Guard {
  readonly #context: Context & { work?: (() => unknown) | undefined } = createContext({});
  readonly #call = new Script('work()');

  /** Runs the work. Returns undefined when the work was interrupted after `millis` of wall-clock time. */
  run<Result>(millis: number, work: () => Result): { readonly value: Result } | undefined {
    this.#context.work = work;
    try {
      return { value: this.#call.runInContext(this.#context, { timeout: Math.ceil(millis) }) as Result };
    } catch (thrown) {
      if (isTimeout(thrown)) return undefined;
      throw thrown;
    } finally {
      this.#context.work = undefined;
    }
  }

  /**
   * Runs the work until it has ended. If it has used `millis` of processor time before that, it is stopped and the value is undefined.
   * Processor time is measured, because wall-clock time also passes while the machine sleeps or is busy. `used`: milliseconds of processor
   * time.
   */
  measure<Result>(millis: number, work: () => Result): { readonly value: Result | undefined; readonly used: number } {
    let used = 0;
    for (let attempt = 0; attempt < ATTEMPTS && used < millis * 0.9; attempt += 1) {
      let before = process.cpuUsage();
      const done = this.run(millis * 4 ** attempt, () => {
        // Starting the thread of the time limit is not part of the work.
        before = process.cpuUsage();
        const value = work();
        used = usedSince(before);
        return value;
      });
      if (done) return { value: done.value, used };
      used = usedSince(before);
    }
    return { value: undefined, used };
  }
}

/** Milliseconds of processor time. */
function usedSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** True for the error of an interrupted call. The error belongs to the interrupted context, so `instanceof` does not recognise it. */
function isTimeout(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
