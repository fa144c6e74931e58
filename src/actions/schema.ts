// What an action file may hold, and what its options may be set to. The commands themselves are words in the file, see docs/actions.md.
import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import { printable } from '../lib/printable.ts';

/** The things that an action does, in the order of its life. */
export const VERBS = ['open', 'ban', 'unban', 'list', 'holds', 'replace', 'close'] as const;

/** One of the things that an action does. */
export type Verb = (typeof VERBS)[number];

const pattern = z.string().superRefine((text, context) => {
  try {
    RegExp(text);
  } catch (thrown) {
    context.addIssue({ code: 'custom', message: thrown instanceof Error ? thrown.message : 'not a regular expression' });
  }
});

const groupOnce = pattern.refine(
  (text) => countGroups(text) === 1,
  'a pattern for lists needs exactly one group, around the address or network',
);

const option = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('ports'),
    default: z.union([z.literal('all'), z.array(z.int().min(1).max(65_535))]),
    about: z.string(),
  }),
  z.strictObject({ type: z.literal('choice'), of: z.array(z.string()).min(2), default: z.string(), about: z.string() }),
  z.strictObject({ type: z.literal('word'), default: z.string(), about: z.string() }),
  z.strictObject({ type: z.literal('number'), min: z.int(), max: z.int(), default: z.int(), about: z.string() }),
]);

const step = z.strictObject({
  argv: z.array(z.string()).min(1),
  stdin: z.string().optional(),
  again: z.string().optional(),
  append: z.literal('hosts').optional(),
  family: z.union([z.literal(4), z.literal(6)]).optional(),
  when: z.string().optional(),
  unless: z.array(z.string()).min(1).optional(),
  ignore: pattern.optional(),
  expect: z.string().optional(),
  advice: z.string().optional(),
  parse: z.union([z.literal('nft-json'), groupOnce]).optional(),
});

const steps = z.array(step);

const session = z.strictObject({
  argv: z.array(z.string()).min(1),
  instead: z.array(z.string()).min(1),
  end: z.string().min(1),
  ended: pattern,
});

const watch = z.strictObject({
  argv: z.array(z.string()).min(1),
  lines: z.string(),
  most: z.int().min(0).optional(),
});

const example = z.strictObject({
  verb: z.enum(VERBS),
  options: z.record(z.string(), z.unknown()).default({}),
  entries: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  networks: z.array(z.string()).default([]),
  output: z.array(z.string()).default([]),
  commands: z
    .array(z.strictObject({ argv: z.array(z.string()), stdin: z.string().optional(), again: z.string().optional() }))
    .optional(),
});

/** An action file. */
export const actionFile = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'a name is lower-case letters, digits and hyphens'),
    description: z.string(),
    options: z.record(z.string().regex(/^[a-z][a-z0-9]*$/, 'an option is lower-case letters and digits'), option).default({}),
    install: z.record(z.string(), z.string()).default({}),
    longest: z.int().min(60).optional(),
    compare: z.boolean().default(false),
    parts: z.record(z.string(), z.string()).default({}),
    session: session.optional(),
    watch: watch.optional(),
    open: steps,
    ban: steps.min(1),
    unban: steps.min(1),
    list: steps.optional(),
    listable: z.int().min(1000).optional(),
    holds: steps.optional(),
    replace: steps.optional(),
    close: steps.default([]),
    examples: z.array(example).min(1, 'an action needs examples'),
  })
  .refine((file) => file.listable === undefined || file.holds !== undefined, {
    message: 'what is not to be listed needs "holds"',
    path: ['listable'],
  });

/** An action file as read. */
export type ActionFile = z.output<typeof actionFile>;

/** One command of an action file, its templates not filled in yet. */
export type Step = z.output<typeof step>;

/** Entries, and the very commands that they are to become (or a program's answer, and the networks in it). */
export type Example = z.output<typeof example>;

type Option = z.output<typeof option>;

/** Option values as templates see them: `ports` is `25,465,587`, and `ports_all` or `block_drop` is true for a word that was chosen. */
export type OptionView = Readonly<Record<string, string | true>>;

/**
 * The values of all options, those not in `given` by their default. `given` holds what a configuration says: a string, a number, or for
 * ports a list. Throws ConfigError.
 */
export function readOptions(file: Pick<ActionFile, 'name' | 'options'>, given: Readonly<Record<string, unknown>>): OptionView {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(file.options, name)) continue;
    const known = Object.keys(file.options).join(', ') || 'none';
    throw new ConfigError(`action ${file.name}: unknown option "${printable(name)}", known are: ${known}`);
  }
  const view: Record<string, string | true> = {};
  for (const [name, known] of Object.entries(file.options)) {
    const text = readOption(known, given[name] ?? known.default);
    if (text === undefined) {
      const shown = printable(JSON.stringify(given[name] ?? known.default), 60);
      throw new ConfigError(`action ${file.name}: "${name}" cannot be ${shown}, it is ${wanted(known)}`);
    }
    view[name] = text;
    view[`${name}_${text}`] = true;
  }
  return view;
}

/** What a word may be made of: never the start of another option, nothing that a rule language has a meaning for. */
const WORD = /^[A-Za-z0-9_/][A-Za-z0-9_./-]{0,63}$/;

/** As many as iptables' multiport takes, see iptables-extensions(8). */
const MOST_PORTS = 15;

function readOption(known: Option, value: unknown): string | undefined {
  const text = Array.isArray(value) ? value.join(',') : String(value);
  if (known.type === 'choice') return known.of.includes(text) ? text : undefined;
  if (known.type === 'word') return WORD.test(text) ? text : undefined;
  if (known.type === 'number')
    return /^\d{1,15}$/.test(text) && Number(text) >= known.min && Number(text) <= known.max ? text : undefined;
  if (text === 'all') return text;
  const ports = text.split(',').map((port) => port.trim());
  const good = ports.every((port) => /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535);
  return good && ports.length <= MOST_PORTS ? ports.join(',') : undefined;
}

function wanted(known: Option): string {
  if (known.type === 'choice') return known.of.join(' or ');
  if (known.type === 'word') return 'a word of letters, digits and _ . / -';
  if (known.type === 'number') return `a number from ${known.min} to ${known.max}`;
  return `"all" or a list of at most ${MOST_PORTS} port numbers`;
}

function countGroups(text: string): number {
  try {
    return (RegExp(`${text}|`).exec('')?.length ?? 0) - 1;
  } catch {
    return -1;
  }
}
