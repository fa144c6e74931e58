// Repeats the work of a part on a timer, and logs the errors that the work throws.
import { ExpectedError } from '../../errors.ts';
import { Throttle } from '../../lib/text/throttle.ts';
import type { Log, Millis } from '../../words/ports.ts';

/** A fault that persists is logged again after this time. */
const QUIET: Millis = 600_000;

/** Makes a function that logs an ExpectedError, each text once in ten minutes at most, and rethrows any other error, which is a bug. */
export function reporterOf(log: Log): (thrown: unknown) => void {
  const throttle = new Throttle(QUIET);
  return (thrown) => {
    if (!(thrown instanceof ExpectedError)) throw thrown;
    throttle.pass(thrown.message, thrown.message, (text) => log.error(text));
  };
}

/** Does the work every `interval` milliseconds, also after it has failed. Returns a function that stops the repetition. */
export function every(interval: Millis, log: Log, work: () => void): () => void {
  const report = reporterOf(log);
  const timer = setInterval(() => {
    try {
      work();
    } catch (thrown) {
      report(thrown);
    }
  }, interval);
  return () => clearInterval(timer);
}
