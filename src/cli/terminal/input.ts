// Standard input of commands: says that a command waits for it, because nobody can see that on a terminal, and ends the wait at an interrupt.
import type { Readable } from 'node:stream';
import type { Context } from '../context.ts';

/** Prints one line when standard input is a terminal. `what`: what to type, such as `log lines`. */
export function announceInput({ typed, process }: Context, what: string): void {
  if (typed) process.stderr.write(`trapline: waiting for ${what} on standard input, end them with Ctrl-D\n`);
}

/** Passes the chunks of standard input on until the signal aborts, also while nobody types. */
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
