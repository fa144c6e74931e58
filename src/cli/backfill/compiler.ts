// Tunes V8's optimizing compiler for a program that ends within a second. It is a separate file so that only backfill loads node:v8.
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs before V8 considers optimizing it; the default of Node 20 is 132 KB. */
const PATIENT = '--interrupt-budget=1000000';

/**
 * Makes V8 optimize later, because a backfill is so short that optimizing pays off only for its inner loop. With the flag, a backfill of 10
 * million lines takes 1.15 s of processor time instead of 1.42 s. A backfill of a million lines takes 0.38 s instead of 0.46 s
 * (docs/decisions/0010-scan.md). Node's documentation warns of changing flags at run time; this flag can change safely, because V8 reads it
 * each time it grants a function its budget. Only Node 20 gets the flag: the V8 of Node 22 no longer has it, and prints an error for it.
 */
export function compileLater(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString(PATIENT);
}
