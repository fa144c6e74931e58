// Makes complete commands from an action file, option values and the entries of a batch. The functions have no side effects.
// Besides the text of the action file, a command holds only checked values: addresses in canonical form, numbers, and the option values that
// `optionValues` has checked.
import { familyOf, type Family } from '../../lib/address.ts';
import type { Entry } from '../../words/firewall.ts';
import type { Millis } from '../../words/ports.ts';
import { listsOf, type Lists } from './lists.ts';
import type { OptionValues } from './optionvalues.ts';
import type { ActionFile, Step, Verb } from './schema.ts';
import { fill, fillPattern } from './template.ts';

/** One step of an action file, ready to run. */
export interface Filled {
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** Standard input for a second try, after the first try was refused. */
  readonly again?: () => string;
  /** The step is skipped when this command succeeds. */
  readonly unless?: readonly string[];
  /** A failure counts as success when each line on standard error matches this pattern. */
  readonly ignore?: RegExp;
  /** The pattern that standard output has to match. */
  readonly expect?: RegExp;
  /** Advice to the operator when standard output does not match `expect`; may be empty. */
  readonly advice: string;
  /** How networks are read from standard output: see `readListing`. */
  readonly parse?: string;
  /** The step is for this address family only. */
  readonly family?: Family;
  /** True when a failure of this step leaves the ban in force. */
  readonly optional?: boolean;
}

/** The values that are filled into the commands of a verb. */
export interface Filling {
  readonly options: OptionValues;
  readonly entries: readonly Entry[];
  /** Seconds until the end of a ban are counted from this instant. */
  readonly now: Millis;
}

/** The largest size of the addresses on one command line, in bytes. Linux, FreeBSD, OpenBSD and macOS allow at least twice this size (ARG_MAX). */
const LONGEST_ARGV = 250_000;

/**
 * The commands of a verb, in order. A step is left out when the option in its `when` is not chosen. A step with `append: each` is left out
 * when the batch has more than `most` networks. A step of `ban`, `unban` or `holds` is also left out when the batch has no network for it:
 * no network of its family or, with `append: hosts`, no host.
 */
export function commandsOf(file: ActionFile, verb: Verb, { options, entries, now }: Filling): Filled[] {
  const whole = verb !== 'ban' && verb !== 'unban' && verb !== 'holds';
  return (file[verb] ?? []).flatMap((step) => {
    if (step.when !== undefined && options[step.when] !== true) return [];
    const own = step.family === undefined ? entries : entries.filter((entry) => familyOf(entry.network) === step.family);
    const lists = listsOf(own, { now, longest: file.longest, usual: whole });
    if (!whole && (step.append === 'hosts' ? lists.hosts : own).length === 0) return [];
    const filled = stepOf(file, step, options, lists);
    if (step.append === undefined) return [filled];
    if (step.append === 'each')
      return lists.all.length > (step.most ?? Infinity)
        ? []
        : lists.all.map(({ text }) => ({ ...filled, argv: [...filled.argv, text] }));
    return chunksOf(lists).map((hosts) => ({ ...filled, argv: [...filled.argv, ...hosts] }));
  });
}

function stepOf({ parts }: ActionFile, step: Step, options: OptionValues, lists: Lists): Filled {
  const word = (template: string): string => fill(template, options, parts);
  const input = (template: string): string => fill(template, { ...lists, ...options }, parts);
  const { stdin, again, unless, ignore, expect, parse, family, optional } = step;
  return {
    argv: step.argv.map(word),
    advice: word(step.advice ?? '').trim(),
    ...(stdin === undefined ? {} : { stdin: input(stdin) }),
    ...(again === undefined ? {} : { again: () => input(again) }),
    ...(unless === undefined ? {} : { unless: unless.map(word) }),
    ...(ignore === undefined ? {} : { ignore: new RegExp(ignore) }),
    ...(expect === undefined ? {} : { expect: new RegExp(fillPattern(expect, options, parts), 'm') }),
    ...(parse === undefined ? {} : { parse }),
    ...(family === undefined ? {} : { family }),
    ...(optional === undefined ? {} : { optional }),
  };
}

/** The addresses of single hosts, in lists. Each list fits on one command line. */
function chunksOf(lists: Lists): string[][] {
  const chunks: string[][] = [];
  let length = Infinity;
  for (const { address } of lists.hosts) {
    if (length + address.length >= LONGEST_ARGV) {
      chunks.push([]);
      length = 0;
    }
    chunks.at(-1)?.push(address);
    length += address.length + 1;
  }
  return chunks;
}
