// A program that tells when somebody changes the firewall, such as `nft monitor`: followed, started again when it ends, and now and then
// exchanged for a new one. A bell, not a witness: what it says is looked up, and what it misses is found at the next comparison.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { killProgram, startProgram } from '../../lib/exec.ts';
import type { Millis } from '../../types.ts';

/** What to run, and what to listen for. */
export interface WatchTerms {
  readonly argv: readonly string[];
  /** The pattern of the lines that tell of a change. */
  readonly lines: string;
  /** Put in front of the argv. */
  readonly wrap?: readonly string[];
}

/** A program that remembers what it sees is exchanged so often: nft does, 0.3 KB for each element that comes or goes. */
const LIFE: Millis = 3_600_000;

/** How long until a program that ended is started again: 1 s, 2 s, ... a minute. One that ran for a minute counts as sound. */
const FIRST_PAUSE: Millis = 1000;
const LONGEST_PAUSE: Millis = 60_000;

/** Of a line that has not ended so much is kept (characters). */
const LONGEST_REST = 1000;

/** A bell that rings between `start` and `stop`. */
export class Watch {
  readonly #terms: WatchTerms;
  readonly #lines: RegExp;
  readonly #changed: () => void;
  #child: ChildProcessWithoutNullStreams | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE;
  #on = false;

  /** `changed` is called for every change that is told of, those of this program among them. */
  constructor(terms: WatchTerms, changed: () => void) {
    this.#terms = terms;
    this.#lines = new RegExp(terms.lines, 'm');
    this.#changed = changed;
  }

  /** Begins to listen; does nothing when it does so already. */
  start(): void {
    if (this.#on) return;
    this.#on = true;
    this.#run();
  }

  /** Ends listening, and the program. */
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
      if (this.#on && this.#lines.test(text)) this.#changed();
      rest = text.slice(text.lastIndexOf('\n') + 1).slice(-LONGEST_REST);
    });
    child.stderr.resume();
    const gone = (): void => {
      clearTimeout(life);
      if (this.#child !== child) return;
      this.#child = undefined;
      const sound = performance.now() - born >= LONGEST_PAUSE;
      if (sound) this.#pause = FIRST_PAUSE;
      this.#timer = setTimeout(() => this.#run(), this.#pause).unref();
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    };
    child.once('error', gone).once('close', gone);
  }
}
