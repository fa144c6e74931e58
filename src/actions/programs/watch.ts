// Runs a program that reports changes of the firewall, such as `nft monitor`. It is started again when it ends, and replaced once an hour.
// Each report triggers a comparison of the firewall with the ledger. The periodic comparison finds changes that were not reported.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { killProgram, startProgram } from '../../lib/children/exec.ts';
import type { Millis } from '../../words/ports.ts';

/** The program, and the lines that count as reports. */
export interface WatchTerms {
  readonly argv: readonly string[];
  /** The pattern of the lines that report a change. */
  readonly lines: string;
  /** Words that are put in front of the argv. */
  readonly wrap?: readonly string[];
}

/** The program is replaced after this time: nft keeps 0.3 KB in memory for each element that is added or deleted. */
const LIFE: Millis = 3_600_000;

/** A program that ended is started again after 1 s, then 2 s, 4 s ... up to a minute. */
const FIRST_PAUSE: Millis = 1000;
const LONGEST_PAUSE: Millis = 60_000;

/** After a run of at least this length, the next pause is FIRST_PAUSE again. */
const SOUND: Millis = 60_000;

/** The maximum number of characters of an incomplete line that are kept until the rest of the line arrives. */
const LONGEST_REST = 1000;

/** Runs the program between `start` and `stop`, and reads its reports. */
export class Watch {
  readonly #terms: WatchTerms;
  readonly #lines: RegExp;
  readonly #changed: () => void;
  #child: ChildProcessWithoutNullStreams | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE;
  #on = false;

  /** `changed` is called for reported changes, including changes by Trapline. */
  constructor(terms: WatchTerms, changed: () => void) {
    this.#terms = terms;
    this.#lines = new RegExp(terms.lines, 'm');
    this.#changed = changed;
  }

  /** Starts the program, if it does not run already. */
  start(): void {
    if (this.#on) return;
    this.#on = true;
    this.#run();
  }

  /** Ends the program with its children; `changed` is not called any more. */
  stop(): void {
    this.#on = false;
    clearTimeout(this.#timer);
    if (this.#child) killProgram(this.#child);
    this.#child = undefined;
  }

  #run(): void {
    const { argv, wrap = [] } = this.#terms;
    const born = performance.now();
    const child = startProgram([...wrap, ...argv]);
    this.#child = child;
    const life = setTimeout(() => killProgram(child), LIFE).unref();
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const text = rest + chunk;
      if (this.#child === child && this.#lines.test(text)) this.#changed();
      rest = text.slice(text.lastIndexOf('\n') + 1).slice(-LONGEST_REST);
    });
    child.stderr.resume();
    const gone = (): void => {
      clearTimeout(life);
      if (this.#child !== child) return;
      this.#child = undefined;
      if (performance.now() - born >= SOUND) this.#pause = FIRST_PAUSE;
      this.#timer = setTimeout(() => this.#run(), this.#pause).unref();
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    };
    child.once('error', gone).once('close', gone);
  }
}
