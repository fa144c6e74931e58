// A shell on a machine that stays open, as the shell of a person who follows the README. Variables and the folder last from command to command.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { quoted } from '../shell.ts';
import type { Machine } from './machine.ts';

/** Stands before the exit code and the folder after each command. */
const MARK = '-- the command has ended:';

const ENDED = new RegExp(String.raw`\n${MARK} (\d+) (.*)\n$`);

/** One bash. */
export class Shell {
  readonly #bash: ChildProcessWithoutNullStreams;
  #output = '';
  #wake: () => void = () => {};
  #folder = '';

  /** Starts bash in a folder of the machine. `environment`: further variables, as `NAME=value`. */
  constructor(machine: Pick<Machine, 'spawn'>, folder: string, environment: readonly string[] = []) {
    this.#bash = machine.spawn('env', `--chdir=${folder}`, ...environment, 'bash', '--norc');
    for (const stream of [this.#bash.stdout, this.#bash.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#wake();
      });
    }
    this.#bash.on('exit', () => this.#wake());
    this.#bash.stdin.write('exec 2>&1\nset -o pipefail\n');
  }

  /** The folder of the shell after the last command. */
  get folder(): string {
    return this.#folder;
  }

  /** Runs one command. Resolves to its output, and rejects with the command, its exit code and its output when it fails or ends the shell. */
  async run(command: string): Promise<string> {
    this.#output = '';
    this.#bash.stdin.write(`eval ${quoted(command)} </dev/null\nprintf '\\n${MARK} %s %s\\n' "$?" "$PWD"\n`);
    let found: RegExpExecArray | null = null;
    while (!(found = ENDED.exec(this.#output))) {
      if (this.#over()) throw new Error(`"${command}" has ended the shell: ${this.#output}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const [, code, folder = ''] = found;
    const output = this.#output.slice(0, found.index);
    this.#folder = folder;
    if (code !== '0') throw new Error(`"${command}" ended with ${code}: ${output}`);
    return output;
  }

  /** Ends the shell. */
  async close(): Promise<void> {
    if (this.#over()) return;
    this.#bash.stdin.end();
    await once(this.#bash, 'exit');
  }

  #over(): boolean {
    return this.#bash.exitCode !== null || this.#bash.signalCode !== null;
  }
}
