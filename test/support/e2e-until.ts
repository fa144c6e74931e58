// Waiting for the world: asks again until it is so, with a deadline after which the test fails by name.
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks every 50 ms until `holds` says true; rejects after `deadline` milliseconds, naming what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadline = 20_000): Promise<void> {
  const end = Date.now() + deadline;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${deadline / 1000} s in vain: ${what}`);
    await sleep(50);
  }
}
