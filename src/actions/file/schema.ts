// The schema of an action file. docs/actions.md explains each key.
import { z } from 'zod';
import { repeatedGroup } from '../../lib/text/backtracking.ts';

/** The verbs of an action file, in the order of an action's life. */
export const VERBS = ['open', 'ban', 'unban', 'list', 'holds', 'probe', 'replace', 'close'] as const;

/** One of VERBS. */
export type Verb = (typeof VERBS)[number];

/**
 * The fault of a pattern that can take exponential time; undefined for any other pattern. With such a pattern, the output of a program could
 * stop the daemon.
 */
export function backtrackingFault(pattern: string): string | undefined {
  const group = repeatedGroup(pattern);
  if (group === undefined) return undefined;
  return `"${group}" repeats a group of varying length or with alternatives, which can take exponential time, write it as one character class`;
}

const pattern = z.string().superRefine((text, context) => {
  try {
    RegExp(text);
  } catch (thrown) {
    context.addIssue({ code: 'custom', message: thrown instanceof Error ? thrown.message : 'not a regular expression' });
    return;
  }
  const message = backtrackingFault(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
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
  z.strictObject({
    type: z.literal('word'),
    default: z.string(),
    about: z.string(),
    like: pattern.optional(),
    except: z.string().default(''),
    means: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('number'), min: z.int(), max: z.int(), default: z.int(), about: z.string() }),
]);

/** A program and its arguments, which the system takes up to their first NUL. */
const argv = z.array(z.string().refine((word) => !word.includes('\0'), 'a program and its arguments hold no NUL')).min(1);

const step = z.strictObject({
  argv,
  stdin: z.string().optional(),
  again: z.string().optional(),
  append: z.enum(['hosts', 'each']).optional(),
  most: z.int().min(1).optional(),
  optional: z.boolean().optional(),
  family: z.union([z.literal(4), z.literal(6)]).optional(),
  when: z.string().optional(),
  unless: argv.optional(),
  ignore: pattern.optional(),
  expect: z.string().optional(),
  advice: z.string().optional(),
  parse: z.union([z.literal('nft-json'), groupOnce]).optional(),
});

const steps = z.array(
  step.refine((one) => one.most === undefined || one.append === 'each', {
    message: '"most" needs "append: each"',
    path: ['most'],
  }),
);

const session = z.strictObject({
  argv,
  instead: z.array(z.string()).min(1),
  end: z.string().min(1),
  ended: pattern,
});

const watch = z.strictObject({
  argv,
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
    batch: z.int().min(1).optional(),
    warnings: pattern.optional(),
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
    probe: steps.optional(),
    replace: steps.optional(),
    close: steps.default([]),
    examples: z.array(example).min(1, 'an action needs examples'),
  })
  .refine((file) => file.listable === undefined || file.holds !== undefined, {
    message: '"listable" needs "holds", which is run above that number of bans',
    path: ['listable'],
  });

/** A parsed action file. */
export type ActionFile = z.output<typeof actionFile>;

/** One command of an action file, with templates that are not filled in yet. */
export type Step = z.output<typeof step>;

/** An example in an action file: entries and the exact commands for them, or the output of a program and the networks in it. */
export type Example = z.output<typeof example>;

/** An option of an action file: its allowed values, and its default. */
export type Option = z.output<typeof option>;

function countGroups(text: string): number {
  try {
    return (RegExp(`${text}|`).exec('')?.length ?? 0) - 1;
  } catch {
    return -1;
  }
}
