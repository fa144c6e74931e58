// Prints the schema as the reference in docs/configuration.md and as the sample file. scripts/config-reference.mjs writes both files.
import { z } from 'zod';
import { inlineYaml } from '../lib/yaml/yaml.ts';
import type { OptionNote } from './kinds.ts';
import { schema } from './schema.ts';

/** One option of a section. */
interface Option {
  readonly key: string;
  readonly note: OptionNote;
  /** The default as it is written in the file; undefined for an option whose default is not one fixed value. */
  readonly fallback: unknown;
  readonly type: z.core.$ZodType;
}

type Objects = readonly z.ZodObject[];

const INTRODUCTION = `# Configuration

<!-- Printed from src/config/schema.ts by "npm run docs"; edit the schema and not this file. -->

Trapline works without any configuration: it then finds the mail log and the firewall of the machine, and bans clients that mail a spamtrap.
Write the options that you change into \`/etc/trapline/trapline.yaml\` (YAML 1.2), or into another file and name that file with \`--config\`.
[\`systemd/trapline.yaml\`](../systemd/trapline.yaml) is a sample with every option at its default.

- Every option may be left out. An unknown key is refused; the message names its place in the file and the most similar known key.
- \`trapline check\` checks the file, all filters and all actions, asks each firewall whether it would take bans, and opens each source. It does not affect a running daemon. A log that does not exist yet is only a note, and so are [near misses](filters.md#near-misses) and, for a user other than root, faults of firewalls and sources; with notes only, the exit code is 0. \`trapline reload\` makes the daemon read the file again.
- \`state\`, \`control\`, \`actions\`, \`log_level\` and \`hit_retention\` take effect at the next start of the daemon. All other options take effect at a reload. \`trapline reload\` and the log of the daemon name the changed options that need a new start.
- Spans of time are written \`90s\`, \`10m\`, \`1h30m\`, \`7d\` or \`4w\`; a number without a unit means seconds.
- A switch is \`true\` or \`false\`. YAML 1.2 reads \`yes\`, \`no\`, \`on\` and \`off\` as text, so Trapline refuses them.
- Paths begin with \`/\`.
- A renamed option is still read under its former name. \`trapline check\` and the log of the daemon then name the line to change.
`;

/** The text of docs/configuration.md: a table for each section of `top`. */
export function configReference(top: z.ZodObject = schema): string {
  return `${INTRODUCTION}${[top, ...objectsBelow(top)].map(tableOf).join('')}`;
}

function tableOf(object: z.ZodObject): string {
  const { heading, description } = noteOf(object);
  const rows = optionsOf(object).map(({ key, note, fallback }) => {
    const value = note.kind ?? `\`${inlineYaml(fallback)}\``;
    const words = note.fallback ?? (fallback === undefined || note.kind === undefined ? '' : `\`${inlineYaml(fallback)}\``);
    const former = note.formerly === undefined ? '' : ` Formerly \`${note.formerly}\`, which is still read.`;
    return `| \`${key}\` | ${value} | ${words} | ${note.description ?? ''}${former} |`;
  });
  const intro = description === undefined ? '' : `${description}\n\n`;
  return `\n## ${heading ?? 'Top level'}\n\n${intro}| option | value | default | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

/** The text of the sample file: uncommenting any option changes nothing. */
export function sampleConfig(): string {
  const head = [
    'Every option of Trapline with its default value. To change an option, remove the single "#" before it.',
    'docs/configuration.md explains all options. After a change, run: trapline check && trapline reload',
  ];
  return `${head.map((text) => `## ${text}\n`).join('')}${optionsOf(schema)
    .map((option) => `\n${sampleOf(option, '')}`)
    .join('')}`;
}

function sampleOf({ key, note, fallback, type }: Option, indent: string): string {
  const prose = comment(note.description, indent);
  const [section] = sectionsOf(type);
  if (!section) {
    // An option without a default value gets "##". So it stays a comment when one "#" is removed from every line.
    const shown = fallback ?? note.sample;
    if (shown === undefined) return `${prose}##${indent} For example: ${key}: ${inlineYaml(note.example)}\n`;
    return `${prose}# ${indent}${key}: ${inlineYaml(shown)}\n`;
  }
  const named = section !== unwrapped(type);
  const inner = named ? `${indent}    ` : `${indent}  `;
  const name = named ? `# ${indent}  spamtrap:\n${comment(noteOf(section).description, inner)}` : '';
  return `${prose}# ${indent}${key}:\n${name}${optionsOf(section)
    .map((option) => sampleOf(option, inner))
    .join('')}`;
}

function comment(text: string | undefined, indent: string): string {
  return wrap(text ?? '', 110 - indent.length)
    .map((line) => `## ${indent}${line}\n`)
    .join('');
}

function optionsOf(object: z.ZodObject): readonly Option[] {
  const inherited = noteOf(object).inherits;
  const [elsewhere] = inherited === undefined ? [] : sectionsOf((schema.shape as Record<string, z.ZodType>)[inherited] ?? schema);
  return Object.entries(object.shape)
    .filter(([key]) => !(elsewhere && key in elsewhere.shape))
    .map(([key, type]) => ({ key, note: noteOf(type), fallback: fallbackOf(type), type }));
}

/** The notes on all layers of a schema. A note on an outer layer replaces the note on an inner layer. */
function noteOf(type: z.core.$ZodType): OptionNote {
  const own = (z.globalRegistry.get(type) ?? {}) as OptionNote;
  const inner = innerOf(type);
  return { ...(inner && noteOf(inner)), ...own };
}

function fallbackOf(type: z.core.$ZodType): unknown {
  if (type instanceof z.ZodPrefault) return type.def.defaultValue;
  if (type instanceof z.ZodLiteral) return type.value;
  const inner = innerOf(type);
  return inner && fallbackOf(inner);
}

function innerOf(type: z.core.$ZodType): z.core.$ZodType | undefined {
  if (type instanceof z.ZodPipe) return type.def.in;
  const wraps = type instanceof z.ZodPrefault || type instanceof z.ZodOptional || type instanceof z.ZodNullable;
  return wraps ? type.def.innerType : undefined;
}

function unwrapped(type: z.core.$ZodType): z.core.$ZodType {
  const inner = innerOf(type);
  return inner ? unwrapped(inner) : type;
}

/** The sections that an option may hold, directly or under names that the operator chooses. */
function sectionsOf(type: z.core.$ZodType): Objects {
  const bare = unwrapped(type);
  if (bare instanceof z.ZodRecord) return sectionsOf(bare.valueType);
  return bare instanceof z.ZodObject ? [bare] : [];
}

/** Returns each section below the top level once, in order, including sections that are entries of lists. */
function objectsBelow(object: z.ZodObject): Objects {
  const entries = (type: z.core.$ZodType): Objects => {
    const bare = unwrapped(type);
    if (bare instanceof z.ZodUnion) return bare.options.flatMap(entries);
    return bare instanceof z.ZodArray ? entries(bare.element) : sectionsOf(bare);
  };
  return [...new Set(Object.values(object.shape).flatMap(entries))];
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
