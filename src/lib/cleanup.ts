// Undo steps, run last in, first out: each thing that is opened names its end on the next line.

/** A stack of undo steps. */
export class Cleanup {
  readonly #steps: { name: string; undo: () => unknown }[] = [];

  /** Puts a step on the stack. */
  add(name: string, undo: () => unknown): void {
    this.#steps.push({ name, undo });
  }

  /**
   * Runs all steps, newest first, waiting for each; a step that fails or that has not ended when the deadline (milliseconds, for all of
   * them together) is over is handed to `report`, and the next one runs all the same. Never rejects; a second call runs nothing.
   */
  async run(deadline: number, report: (name: string, thrown: unknown) => void): Promise<void> {
    const end = Date.now() + deadline;
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await withDeadline(Promise.resolve(step.undo()), Math.max(1, end - Date.now()));
      } catch (thrown) {
        report(step.name, thrown);
      }
    }
  }
}

async function withDeadline(work: Promise<unknown>, millis: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('did not end in time')), millis);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
