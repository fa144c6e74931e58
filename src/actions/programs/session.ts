// One program that stays and is told commands, in the place of one program for each: `nft -i` takes one in 0.3 ms, starting nft takes 4.
// Only a short cut: whatever is not known for certain to have come through it is to be done again in the ordinary way.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { killProgram, startProgram } from '../../lib/exec.ts';
import type { Millis } from '../../types.ts';
import { reasonIn, shownOf, type Command, type Outcome } from './run.ts';

/** How to talk to such a program. */
export interface SessionTerms {
  /** The program that stays. It reads commands from standard input, a line each, and complains on standard error. */
  readonly argv: readonly string[];
  /** Commands with this argv are told to it instead: their standard input, its lines joined by semicolons, as one command. */
  readonly instead: readonly string[];
  /** A line that it answers to on standard error, after all that it had to say of the command before. */
  readonly end: string;
  /** The pattern of that answer. */
  readonly ended: string;
  /** Put in front of the argv. */
  readonly wrap?: readonly string[];
}

/** Characters of a command. Line editing makes longer ones slow: 500 addresses take as long either way, 5,000 four times as long. */
const LONGEST = 16_384;

/** Characters after which the program is exchanged for a new one: it remembers every line. */
const MOST = 4_194_304;

/** Characters of complaints about one command. */
const LONGEST_COMPLAINT = 1_048_576;

/** How long an answer may take. */
const PATIENCE: Millis = 1000;

/** How long the short cut is left alone after the program died, or did not answer. */
const REST: Millis = 60_000;

/** A program that stays. One command at a time. */
export class Session {
  readonly #terms: SessionTerms;
  readonly #ended: RegExp;
  #child: ChildProcessWithoutNullStreams | undefined;
  #said = '';
  #told = 0;
  #wake: () => void = () => {};
  #restsUntil = 0;
  #worked = false;

  constructor(terms: SessionTerms) {
    this.#terms = terms;
    this.#ended = new RegExp(terms.ended, 'm');
  }

  /**
   * What came of a command: done or refused. Undefined when it is not one for this program, or nobody knows whether it was done: it has to
   * be fit for being run once more. Never rejects.
   */
  async run({ argv, stdin = '' }: Command): Promise<Outcome | undefined> {
    const { instead, end } = this.#terms;
    const line = stdin.trim().replaceAll(/\s*\n\s*/g, '; ');
    const fits = line.length > 0 && line.length <= LONGEST && argv.join('\0') === instead.join('\0');
    if (!fits || performance.now() < this.#restsUntil) return undefined;
    if (this.#told > MOST) this.#kill();
    const child = (this.#child ??= this.#start());
    this.#said = '';
    this.#told += line.length;
    child.stdin.write(`${line}\n${end}\n`);
    const said = await this.#answer();
    if (said === undefined) {
      this.#kill();
      this.#restsUntil = this.#worked ? performance.now() + REST : Infinity;
      return undefined;
    }
    this.#worked = true;
    const reason = reasonIn(said);
    return reason === undefined ? { output: '' } : { refused: `${shownOf(argv)}: ${reason}` };
  }

  /** Ends the program; a command that still runs comes to nothing. */
  close(): void {
    this.#kill();
  }

  /** What was said before the answer; undefined when there is none in time, or will be none. */
  async #answer(): Promise<string | undefined> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake();
    }, PATIENCE);
    try {
      for (;;) {
        const found = this.#ended.exec(this.#said);
        if (found) return this.#said.slice(0, found.index);
        if (late || this.#child === undefined || this.#said.length > LONGEST_COMPLAINT) return undefined;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #start(): ChildProcessWithoutNullStreams {
    const { argv, wrap = [] } = this.#terms;
    // Interactive programs write down what they were told in a file at HOME, or at / without one.
    const child = startProgram([...wrap, ...argv], { HOME: '/dev/null' });
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
      this.#wake();
    });
    const gone = (): void => {
      if (this.#child === child) this.#child = undefined;
      this.#wake();
    };
    child.once('error', gone).once('close', gone);
    this.#told = 0;
    return child;
  }

  #kill(): void {
    if (this.#child) killProgram(this.#child);
    this.#child = undefined;
    this.#wake();
  }
}
