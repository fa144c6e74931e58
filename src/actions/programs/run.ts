// Runs one command of an action as a separate program. There are three results: the command is done, or it is refused, or the result is not
// known and `run` rejects.
import { ActionError, errnoOf, messageOf } from '../../errors.ts';
import { exec, type ExecResult } from '../../lib/children/exec.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Millis } from '../../words/ports.ts';
import { withAdvice } from './denied.ts';

/** A command whose templates are filled in. */
export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string;
}

/** How a command ended: with its output, or with the reason that the program gave for its failure (one line). */
export type Outcome = { readonly output: string } | { readonly refused: string };

/** Limits and settings for every command of an action. */
export interface Terms {
  /** Milliseconds after which a command is killed with all its children. */
  readonly deadline: Millis;
  /** Words that are put in front of every argv, for example `ip netns exec NAME`. */
  readonly wrap?: readonly string[];
  /** The package to install when a program is missing, by the name of the program. */
  readonly install?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** The pattern of lines on standard error that give no reason for a failure. */
  readonly warnings?: RegExp | undefined;
}

/** The error for a program that is missing or hangs. No network of a batch can be the cause. */
export class UnusableProgram extends ActionError {}

/** The maximum number of characters of a reason in messages. */
const REASON_LENGTH = 300;

/** Characters of standard error in which the reason is looked for. */
const LONGEST_COMPLAINT = 65_536;

/**
 * Runs a command. A non-zero exit code is a refusal, or a success if each line on standard error matches `ignore`. Rejects with ActionError
 * when the program is missing, hangs, is killed, or writes more than `keep` bytes, because a single address cannot cause any of these.
 * Without `keep` the output is not read.
 */
export async function run(command: Command, terms: Terms, reading: { ignore?: RegExp; keep?: number } = {}): Promise<Outcome> {
  const { ignore, keep } = reading;
  const shown = shownOf(command.argv);
  const result = await start(command, terms, shown, keep);
  if (result.cut && keep !== undefined)
    throw new ActionError(`${shown}: the answer is longer than ${keep} bytes; killed with its children`);
  if (result.timedOut)
    throw new UnusableProgram(`${shown}: did not end within ${terms.deadline / 1000} s; killed with its children`);
  if (result.signal !== null) throw new ActionError(`${shown}: ended by ${result.signal}`);
  if (result.code !== 0) {
    const lines = linesOf(result.stderr, terms.warnings);
    if (ignore && lines.length > 0 && lines.every((line) => ignore.test(line))) return { output: '' };
    const reason = reasonIn(result.stderr, terms.warnings);
    return { refused: `${shown}: ${reason === undefined ? `exit code ${result.code}` : withAdvice(command.argv, reason)}` };
  }
  return { output: result.stdout };
}

async function start(command: Command, terms: Terms, shown: string, keep?: number): Promise<ExecResult> {
  const argv = [...(terms.wrap ?? []), ...command.argv];
  try {
    return await exec(argv, {
      input: command.stdin ?? '',
      deadline: terms.deadline,
      ...(keep === undefined ? {} : { keep, allOrNothing: true }),
      ...(terms.signal ? { signal: terms.signal } : {}),
    });
  } catch (thrown) {
    const program = argv[0] ?? '';
    if (errnoOf(thrown) === 'ENOENT') {
      const advice = terms.install?.[program];
      throw new UnusableProgram(`${program}: not found, ${advice === undefined ? 'install it' : `install ${advice}`}`, {
        cause: thrown,
      });
    }
    throw new ActionError(`${shown}: cannot be started: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** A command line as messages show it: its first twelve words, at most 120 characters. */
export function shownOf(argv: readonly string[]): string {
  return printable(argv.slice(0, 12).join(' '), 120);
}

/**
 * The reason that a program gave for a refusal, made printable: the first line on standard error that is not empty, not a comment and not a
 * warning. If there is no such line, the reason is the first warning.
 */
export function reasonIn(stderr: string, warnings?: RegExp): string | undefined {
  const [first] = [...linesOf(stderr, warnings), ...linesOf(stderr)];
  return first === undefined ? undefined : printable(first, REASON_LENGTH);
}

/** The lines that are not empty, not comments and not warnings; iptables starts its warnings with `#`. */
function linesOf(stderr: string, warnings?: RegExp): string[] {
  return stderr
    .slice(0, LONGEST_COMPLAINT)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#') && !warnings?.test(line));
}
