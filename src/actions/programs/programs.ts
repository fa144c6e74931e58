// The programs of one action: a program for each command, a session program that reads commands, and a program that reports changes.
import type { Millis } from '../../words/ports.ts';
import { run, type Command, type Outcome, type Terms } from './run.ts';
import { Session, type SessionTerms } from './session.ts';
import { Watch, type WatchTerms } from './watch.ts';

export { UnusableProgram, type Outcome } from './run.ts';

/** Limits and settings of the programs of an action. */
export interface ProgramTerms extends Omit<Terms, 'signal'> {
  readonly session?: SessionTerms | undefined;
  readonly watch?: (WatchTerms & { readonly most?: number | undefined }) | undefined;
  /** Milliseconds that the session program may take to answer; 1 s by default. */
  readonly patience?: Millis;
}

/** A command, and how its result is read. */
interface Runnable extends Command {
  /** Standard input for a second try, after the first try was refused. */
  readonly again?: () => string;
  /** A failure counts as success when each line on standard error matches this pattern. */
  readonly ignore?: RegExp;
  /** True when the output is needed. The output is then kept, and the command is not sent to the session program. */
  readonly reads: boolean;
  /** True for a command that repairs possible errors of the session program. It is not sent to the session program either. */
  readonly corrects?: boolean;
}

/** Characters of standard input that extend the deadline of a command by 1 s: a million addresses get half a minute more. */
const CHARACTERS_PER_SECOND = 500_000;

/** The largest output that is kept, in bytes: enough for about two million addresses. */
const LONGEST_OUTPUT = 128 * 1024 * 1024;

/** The programs of one action. They run one command at a time. */
export class Programs {
  readonly #terms: Omit<Terms, 'signal'>;
  readonly #session: Session | undefined;
  readonly #watching: ProgramTerms['watch'];
  #watch: Watch | undefined;
  #abort = new AbortController();

  constructor({ session, watch, patience, ...terms }: ProgramTerms) {
    const wrap = terms.wrap ? { wrap: terms.wrap } : {};
    this.#terms = terms;
    this.#session = session && new Session({ ...session, ...wrap, ...(patience === undefined ? {} : { patience }) });
    this.#watching = watch && { ...watch, ...wrap };
  }

  /**
   * Runs a command. When the command is refused, runs it once more with the input `again`. Rejects as `run` of run.ts does, and when `close`
   * ends the command.
   */
  async run({ argv, stdin, again, ignore, reads, corrects = false }: Runnable): Promise<Outcome> {
    const { signal } = this.#abort;
    const attempt = async (command: Command): Promise<Outcome> => {
      const deadline = this.#terms.deadline + 1000 * Math.floor((command.stdin?.length ?? 0) / CHARACTERS_PER_SECOND);
      const reading = { ...(ignore ? { ignore } : {}), ...(reads ? { keep: LONGEST_OUTPUT } : {}) };
      const short = reads || corrects ? undefined : await this.#session?.run(command);
      return short ?? run(command, { ...this.#terms, deadline, signal }, reading);
    };
    const first = await attempt({ argv, ...(stdin === undefined ? {} : { stdin }) });
    return 'refused' in first && again ? attempt({ argv, stdin: again() }) : first;
  }

  /** Resolves to true when the command succeeds; its output is not read. Rejects as `run` of run.ts does. */
  async succeeds(argv: readonly string[]): Promise<boolean> {
    return !('refused' in (await run({ argv }, { ...this.#terms, signal: this.#abort.signal })));
  }

  /** Sets the function that is called after changes of the firewall, from the next `listen` on. */
  hear(changed: () => void): void {
    this.#watch = this.#watching && new Watch(this.#watching, changed);
  }

  /**
   * Starts the program that reports changes. With too many elements in the firewall, stops the program, because it may keep every element in
   * memory.
   */
  listen(elements: number): void {
    if (elements <= (this.#watching?.most ?? Infinity)) this.#watch?.start();
    else this.#watch?.stop();
  }

  /** Ends a command that still runs, the session program, and the program that reports changes. Later calls of `run` still work. */
  close(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#session?.close();
    this.#watch?.stop();
  }
}
