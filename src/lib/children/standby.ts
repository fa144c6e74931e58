// Starts a program before it is needed. When it has to work, the system may be short of descriptors, processes or memory, and could not start it.
import type { ChildProcess } from 'node:child_process';
import { startPartner } from './exec.ts';

/**
 * A program that reads lines from standard input and acts on each line. It ends when this process ends, because its standard input is closed
 * then.
 */
export class Standby {
  readonly #argv: readonly string[];
  #child: ChildProcess | undefined;

  constructor(argv: readonly string[]) {
    this.#argv = argv;
  }

  /** Starts the program if it is not running. A program that cannot be started is tried again by the next call. Never throws. */
  start(): void {
    if (this.#child) return;
    const child = startPartner(this.#argv, ['pipe', 'ignore', 'ignore']);
    const gone = (): void => {
      if (this.#child === child) this.#child = undefined;
    };
    child.once('error', gone).once('exit', gone);
    child.stdin?.on('error', gone);
    // The program does not keep this process alive.
    child.unref();
    if (child.stdin && 'unref' in child.stdin) (child.stdin.unref as () => void)();
    this.#child = child;
  }

  /** Writes a line to the program. Returns false when the program is not running. */
  write(line: string): boolean {
    const stdin = this.#child?.stdin;
    if (!stdin || stdin.destroyed) return false;
    stdin.write(`${line}\n`);
    return true;
  }
}
