// Waits until a condition holds. After a deadline, the test fails with the name of the condition.
import { setTimeout as sleep } from 'node:timers/promises';

/** Polls every 50 ms until `holds` returns true. After `deadline` milliseconds, rejects with `what`, the name of the condition. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadline = 20_000): Promise<void> {
  const end = Date.now() + deadline;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not met within ${deadline / 1000} s: ${what}`);
    await sleep(50);
  }
}
