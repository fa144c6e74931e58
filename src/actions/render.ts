// Fills the templates of an action file: from networks and options to argument lists and standard input. Pure.
// What gets in is the canonical text of addresses, numbers, and option values that passed `readOptions`; nothing else can.
import mustache from 'mustache';
import { familyOf, firstAddress, formatNetwork, isHost, networkOf, parseAddress, prefixOf } from '../lib/address.ts';
import type { Family, Network } from '../lib/address.ts';
import type { Entry, Millis } from '../types.ts';
import type { Command } from './programs/run.ts';
import type { ActionFile, OptionView, Step, Verb } from './schema.ts';

/** A network as templates see it. */
export interface Element {
  readonly family: Family;
  /** With its prefix length: `192.0.2.7/32`. */
  readonly network: Network;
  /** As people write it: `192.0.2.7`, `2001:db8::/64`. */
  readonly text: string;
  /** Its first address. */
  readonly address: string;
  /** Until its end; 0 when it has none. */
  readonly seconds: number;
  readonly permanent: boolean;
}

/** The elements of one prefix length, as templates see them. */
export interface Group {
  readonly family: Family;
  readonly v6: boolean;
  readonly prefix: number;
  /** True for /32 and /128. */
  readonly host: boolean;
  /** `255.255.255.0`, `ffff:ffff:ffff:ffff::`. */
  readonly mask: string;
  /** True when there are elements. */
  readonly any: boolean;
  readonly elements: readonly Element[];
}

/** Everything that a template can name beside options. */
export interface Lists {
  readonly all: readonly Element[];
  readonly hosts: readonly Element[];
  readonly groups: readonly Group[];
}

/** The names in Lists, and those inside them. */
export const LIST_NAMES: readonly string[] =
  'all hosts groups network text address seconds permanent family v6 prefix host mask any elements'.split(' ');

/** Bytes of addresses on one command line; POSIX systems take at least twice as much (ARG_MAX of execve(2)). */
const LONGEST_ARGV = 250_000;

/** The groups that `open` and `replace` have even when they are empty: what log lines lead to with the default prefix lengths. */
const USUAL: readonly (readonly [Family, number])[] = [
  [4, 32],
  [6, 64],
  [6, 128],
];

const ONES: Readonly<Record<Family, string>> = { 4: '255.255.255.255', 6: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' };

/**
 * Sorts entries into the lists that templates name. Seconds count from `now`; they are at least 1 and at most `longest`. `usual` adds the
 * usual groups where they are missing.
 */
export function listsOf(entries: readonly Entry[], options: { now: Millis; longest?: number | undefined; usual?: boolean }): Lists {
  const longest = options.longest ?? Number.MAX_SAFE_INTEGER;
  const members = new Map<string, Element[]>();
  if (options.usual) for (const [family, prefix] of USUAL) members.set(`${family}/${prefix}`, []);
  const all = entries.map(({ network, until }) => {
    const element: Element = {
      family: familyOf(network),
      network,
      text: formatNetwork(network),
      address: firstAddress(network),
      seconds: until === null ? 0 : Math.min(longest, Math.max(1, Math.ceil((until - options.now) / 1000))),
      permanent: until === null,
    };
    const key = `${familyOf(network)}/${prefixOf(network)}`;
    const group = members.get(key);
    if (group) group.push(element);
    else members.set(key, [element]);
    return element;
  });
  const groups = [...members].map(([key, elements]) => groupOf(key.startsWith('6') ? 6 : 4, Number(key.slice(2)), elements));
  return { all, hosts: all.filter((element) => isHost(element.network)), groups };
}

function groupOf(family: Family, prefix: number, elements: readonly Element[]): Group {
  const ones = parseAddress(ONES[family]);
  const mask = ones ? firstAddress(networkOf(ones, prefix)) : '';
  return { family, v6: family === 6, prefix, host: mask === ones, mask, any: elements.length > 0, elements };
}

/** A step, ready to run. */
export interface Rendered extends Command {
  readonly step: Step;
  /** Standard input for a second try, when the first is refused. */
  readonly again?: () => string;
}

/**
 * The commands of a verb for these entries, in order. Steps of a family (or for hosts) that the batch has none of are left out, as are those
 * whose option is not chosen.
 */
export function commandsOf(file: ActionFile, options: OptionView, verb: Verb, entries: readonly Entry[], now: Millis): Rendered[] {
  const whole = verb !== 'ban' && verb !== 'unban' && verb !== 'holds';
  return (file[verb] ?? []).flatMap((step) => {
    if (step.when !== undefined && options[step.when] !== true) return [];
    const own = step.family === undefined ? entries : entries.filter((entry) => familyOf(entry.network) === step.family);
    const lists = listsOf(own, { now, longest: file.longest, usual: whole });
    if (!whole && (step.append === 'hosts' ? lists.hosts : own).length === 0) return [];
    const argv = step.argv.map((word) => fill(word, options, file.parts));
    if (step.append === 'hosts') return chunksOf(lists).map((hosts) => ({ step, argv: [...argv, ...hosts] }));
    const input = (template: string): string => fill(template, { ...lists, ...options }, file.parts);
    const { stdin, again } = step;
    return [
      {
        step,
        argv,
        ...(stdin === undefined ? {} : { stdin: input(stdin) }),
        ...(again === undefined ? {} : { again: () => input(again) }),
      },
    ];
  });
}

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

/** Fills a template. `parts` are templates that it may include with `{{> name}}`. */
export function fill(template: string, view: Readonly<Record<string, unknown>>, parts: Readonly<Record<string, string>>): string {
  return mustache.render(template, view, parts, { escape: String });
}

/** A name that a template uses. `part` when it is included with `>`. */
export interface TemplateName {
  readonly name: string;
  readonly part: boolean;
}

type Token = readonly [type: string, value: string, start: number, end: number, inner?: readonly Token[]];

/** The names that a template uses, sections included. Throws an Error on tags that do not fit, or that templates here may not have. */
export function namesIn(template: string): readonly TemplateName[] {
  return namesOf(mustache.parse(template) as unknown as readonly Token[]);
}

function namesOf(tokens: readonly Token[]): readonly TemplateName[] {
  return tokens.flatMap(([type, value, , , inner]) => {
    if (type === 'text' || type === '!') return [];
    if (type === '&' || type === '=') throw new Error(`tag "${type} ${value}" is not used here, write {{${value}}}`);
    return [{ name: value, part: type === '>' }, ...(Array.isArray(inner) ? namesOf(inner as readonly Token[]) : [])];
  });
}
