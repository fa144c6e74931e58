// What a job that is over in a second tells V8's optimizing compiler. A file of its own, so that other commands need not load node:v8.
import { setFlagsFromString } from 'node:v8';

/** V8 optimizes what has run through so many bytes of code; 132 KB when nobody says. */
const PATIENT = '--interrupt-budget=1000000';

/**
 * Makes the compiler wait until code has run for longer: a backfill is over before optimizing pays for all but its inner loop, with the default
 * 0.2 of 1.3 seconds for 10 million lines go there (docs/decisions/0010-scan.md).
 */
export function compileLater(): void {
  setFlagsFromString(PATIENT);
}
