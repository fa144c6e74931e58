// A session program reads many commands, one after another. `nft -i` carries out a command in 0.3 ms, while starting nft takes 4 ms.
// A session is only an optimisation. A command that was perhaps not carried out is run again as a separate program.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { killProgram, startProgram } from '../../lib/children/exec.ts';
import { waitAtMost } from '../../lib/patience.ts';
import type { Millis } from '../../words/ports.ts';
import { withAdvice } from './denied.ts';
import { reasonIn, shownOf, type Command, type Outcome } from './run.ts';

/** The program of a session, and its protocol. */
export interface SessionTerms {
  /** The program. It reads commands from standard input, one per line, and reports errors on standard error. */
  readonly argv: readonly string[];
  /** Commands with this argv are sent to the session program. The lines of their standard input become one command, joined by semicolons. */
  readonly instead: readonly string[];
  /** A line that is sent after each command. The program answers it on standard error, after all errors of the command. */
  readonly end: string;
  /** The pattern of the answer to `end`. */
  readonly ended: string;
  /** Words that are put in front of the argv. */
  readonly wrap?: readonly string[];
  /** How long an answer may take; 1 s by default. */
  readonly patience?: Millis;
}

/**
 * The maximum number of characters of a command; a longer command is not sent. For 500 addresses a session takes as long as a separate program,
 * and for 5,000 addresses four times as long.
 */
const LONGEST = 16_384;

/** The program is replaced after this number of characters, because it keeps every line in memory. */
const MOST = 4_194_304;

/** The maximum number of characters of error messages about one command. */
const LONGEST_COMPLAINT = 1_048_576;

/** Milliseconds that an answer may take. */
const PATIENCE: Millis = 1000;

/** After the program died or did not answer, no session is used for this time. */
const REST: Millis = 60_000;

/** A session with one program. It takes one command at a time. */
export class Session {
  readonly #terms: SessionTerms;
  readonly #ended: RegExp;
  #child: ChildProcessWithoutNullStreams | undefined;
  /** The text that the program wrote on standard error since the last command. */
  #complaint = '';
  /** The number of characters that were sent to the program. */
  #read = 0;
  /** Wakes `#answer`, which waits for more text. */
  #wake: () => void = () => {};
  #restsUntil = 0;
  #everAnswered = false;
  /** True when the last start of the program failed. */
  #unstarted = false;

  constructor(terms: SessionTerms) {
    this.#terms = terms;
    this.#ended = new RegExp(terms.ended, 'm');
  }

  /**
   * Sends a command to the program and resolves to its outcome. Resolves to undefined when the command does not suit a session, or when it
   * may not have been carried out. The caller then runs the command itself, so the command has to be safe to run twice. Never rejects.
   */
  async run({ argv, stdin = '' }: Command): Promise<Outcome | undefined> {
    const { instead, end, patience = PATIENCE } = this.#terms;
    const line = stdin.trim().replaceAll(/\s*\n\s*/g, '; ');
    const fits = line.length > 0 && line.length <= LONGEST && argv.join('\0') === instead.join('\0');
    if (!fits || performance.now() < this.#restsUntil) return undefined;
    if (this.#read > MOST) this.#kill();
    const child = (this.#child ??= this.#start());
    this.#complaint = '';
    this.#read += line.length;
    child.stdin.write(`${line}\n${end}\n`);
    const complaint = await waitAtMost(patience, this.#answer(child), () => undefined);
    if (complaint === undefined) {
      this.#kill();
      // A program that has never answered does not understand `end`, so it is not used again. After a failed start, a later start may succeed.
      this.#restsUntil = this.#everAnswered || this.#unstarted ? performance.now() + REST : Infinity;
      return undefined;
    }
    this.#everAnswered = true;
    const reason = reasonIn(complaint);
    return reason === undefined ? { output: '' } : { refused: `${shownOf(argv)}: ${withAdvice(argv, reason)}` };
  }

  /** Ends the program; a command that still runs resolves to undefined. */
  close(): void {
    this.#kill();
  }

  /** The errors that the program wrote before its answer to `end`; undefined when the program has ended or has written too much. */
  async #answer(child: ChildProcessWithoutNullStreams): Promise<string | undefined> {
    for (;;) {
      const found = this.#ended.exec(this.#complaint);
      if (found) return this.#complaint.slice(0, found.index);
      if (this.#child !== child) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #start(): ChildProcessWithoutNullStreams {
    const { argv, wrap = [] } = this.#terms;
    // Interactive programs keep a history of commands in a file in HOME, or in `/` without HOME. They cannot make it in /dev/null.
    const child = startProgram([...wrap, ...argv], { HOME: '/dev/null' });
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (this.#child !== child) return;
      this.#complaint += text;
      // The program may also write too much between two commands.
      if (this.#complaint.length > LONGEST_COMPLAINT) this.#kill();
      this.#wake();
    });
    const gone = (): void => {
      if (this.#child === child) this.#child = undefined;
      this.#wake();
    };
    this.#unstarted = false;
    child.once('error', () => {
      this.#unstarted = true;
      gone();
    });
    child.once('close', gone);
    this.#read = 0;
    return child;
  }

  #kill(): void {
    if (this.#child) killProgram(this.#child);
    this.#child = undefined;
    this.#wake();
  }
}
