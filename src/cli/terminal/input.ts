// Reads the standard input of commands. On a terminal, it announces that the command waits for input. An interrupt ends the wait.
import type { Readable } from 'node:stream';
import type { Context } from '../context.ts';

/** Prints one line when standard input is a terminal. `what`: the expected input, such as `log lines`. */
export function announceInput({ typed, process }: Context, what: string): void {
  if (typed) process.stderr.write(`trapline: waiting for ${what} on standard input, end them with Ctrl-D\n`);
}

/** Yields the chunks of standard input until the signal aborts. The abort also ends a wait for the next chunk. */
export async function* inputUntil(input: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  for (;;) {
    const next = await Promise.race([chunks.next(), aborted]);
    // A stream that is still open would keep the program alive.
    if (next === undefined) return void input.destroy();
    if (next.done) return;
    yield next.value;
  }
}
