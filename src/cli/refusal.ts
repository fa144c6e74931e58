// The messages about a command line that cannot be understood. Each quotes the wrong word as the user typed it, and names the remedy.
import {
  AliasNotFoundError,
  ArgumentParseError,
  EnumValidationError,
  FlagNotFoundError,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
  type Command,
} from '@stricli/core';
import { messageOf } from '../errors.ts';
import { nearest } from '../lib/text/nearest.ts';
import { printable } from '../lib/text/printable.ts';
import type { Context } from './context.ts';
import { EXAMPLES, optionOf, usageOf } from './help.ts';

/** The longest piece of the command line that a message repeats (characters). */
const LONGEST = 200;

/** A command, and the word that the user typed for it. */
export interface Called {
  readonly name: string;
  readonly command: Command<Context>;
}

/** The message for a word that is no command. `all`: every command. */
export function noCommandText(word: string, all: readonly string[]): string {
  if (word.startsWith('-'))
    return `"${shown(word)}" is no command; write options after the command, as in "trapline status --json"`;
  const near = nearest(word, all, Math.max(1, Math.floor(word.length / 3)));
  const advice = near === undefined ? `; commands: ${all.join(', ')}` : `, did you mean "${near}"?`;
  return `"${shown(word)}" is no command${advice}`;
}

/** The message for options or arguments that a command cannot take. `thrown` is an error of stricli. */
export function refusalText(thrown: unknown, { name, command }: Called): string {
  const help = `see "trapline ${name} --help"`;
  const option = (external: string): string => {
    const internal = external.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const flag = command.parameters.flags?.[internal];
    return flag ? optionOf(internal, flag) : external;
  };
  if (thrown instanceof FlagNotFoundError) {
    const known = Object.entries(command.parameters.flags ?? {}).map(([flag, about]) => optionOf(flag, about).split(' ')[0] ?? '');
    const near = nearest(`--${thrown.input}`, known);
    const advice = near === undefined ? help : `did you mean ${near}?`;
    return `"--${shown(thrown.input)}" is no option of "${name}", ${advice}`;
  }
  if (thrown instanceof AliasNotFoundError) return `"-${shown(thrown.input)}" is no option of "${name}", ${help}`;
  if (thrown instanceof ArgumentParseError) return unparsedText(thrown, option(thrown.externalFlagNameOrPlaceholder));
  if (thrown instanceof EnumValidationError) {
    return `--${thrown.externalFlagName} ${quoted(thrown.input)}: write ${listed(thrown.values)}`;
  }
  if (thrown instanceof UnsatisfiedFlagError)
    return `--${thrown.externalFlagName} has no value, write ${option(thrown.externalFlagName)}`;
  if (thrown instanceof UnexpectedFlagError) {
    const [first, second] = [quoted(thrown.previousInput), quoted(thrown.input)];
    return `--${thrown.externalFlagName} is given twice (${first} and ${second}), give it once`;
  }
  if (thrown instanceof UnexpectedPositionalError) {
    return `"${shown(thrown.input)}" is one argument too many: ${usageOf(name, command.parameters)}`;
  }
  if (thrown instanceof UnsatisfiedPositionalError) {
    return `which ${thrown.placeholder}? ${EXAMPLES[name]?.[0]?.[0] ?? usageOf(name, command.parameters)}`;
  }
  return messageOf(thrown);
}

/** `option`: the option as help shows it, or the name of the argument. */
function unparsedText({ input, exception }: ArgumentParseError, option: string): string {
  const [flag = '', value] = option.split(' ');
  const takesNone = flag.startsWith('--') && value === undefined;
  return takesNone ? `${flag} takes no value, leave out ${quoted(input)}` : `${flag} ${quoted(input)}: ${messageOf(exception)}`;
}

/** `a`, `a or b`, `a, b or c`. */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A word of the command line. It gets quotes if a reader could take it for a part of the message. */
function quoted(word: string): string {
  return /^[\w.:/@+%-]+$/.test(word) && word.length <= LONGEST ? word : `"${shown(word)}"`;
}

function shown(word: string): string {
  return printable(word, LONGEST);
}
