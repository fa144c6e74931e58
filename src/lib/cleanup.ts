// Runs undo steps, the newest first. Code that opens something adds a step that closes it.
import { waitAtMost } from './patience.ts';

/** A stack of undo steps. */
export class Cleanup {
  readonly #steps: { name: string; undo: () => unknown }[] = [];

  /** Puts a step on the stack. */
  add(name: string, undo: () => unknown): void {
    this.#steps.push({ name, undo });
  }

  /**
   * Runs all steps, the newest first, and waits for each of them. All steps together have `deadline` milliseconds. A step that fails or does
   * not end in time is passed to `report`, and the remaining steps still run. Never rejects. A second call runs nothing.
   */
  async run(deadline: number, report: (name: string, thrown: unknown) => void): Promise<void> {
    const end = performance.now() + deadline;
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await waitAtMost(Math.max(1, end - performance.now()), Promise.resolve(step.undo()), notInTime);
      } catch (thrown) {
        report(step.name, thrown);
      }
    }
  }
}

function notInTime(): never {
  throw new Error('did not end in time');
}
