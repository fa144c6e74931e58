// Prints the schema for people: the reference in docs/configuration.md and the sample file. scripts/config-reference.mjs writes both.
import { z } from 'zod';
import { inlineYaml } from '../lib/yaml.ts';
import type { OptionNote } from './kinds.ts';
import { schema } from './schema.ts';

/** One option as the schema has it. */
interface Option {
  readonly key: string;
  readonly note: OptionNote;
  /** As it would be written; undefined when there is none. */
  readonly fallback: unknown;
  readonly type: z.core.$ZodType;
}

type Objects = readonly z.ZodObject[];

const INTRODUCTION = `# Configuration

<!-- Printed from src/config/schema.ts by "npm run docs"; change it there. -->

Trapline works without any configuration: it then finds the mail log and the firewall of the machine, and bans whoever mails a spamtrap.
What you want otherwise goes into \`/etc/trapline/trapline.yaml\` (YAML 1.2), or into a file named with \`--config\`.
[\`systemd/trapline.yaml\`](../systemd/trapline.yaml) is a sample with every option at its default.

- Every option may be left out. Unknown keys are refused, with their place and the key that was probably meant.
- \`trapline check\` reads the file, all filters and all actions without touching a running daemon; \`trapline reload\` makes the daemon read it.
- Spans of time are written \`90s\`, \`10m\`, \`1h30m\`, \`7d\` or \`4w\`; a bare number means seconds.
- \`true\` and \`false\` are the only yes and no: YAML 1.2 reads \`yes\`, \`no\`, \`on\` and \`off\` as text.
- Paths begin with \`/\`.
`;

/** The text of docs/configuration.md. */
export function configReference(): string {
  return `${INTRODUCTION}${[schema, ...objectsBelow(schema)].map(tableOf).join('')}`;
}

function tableOf(object: z.ZodObject): string {
  const { heading, description } = noteOf(object);
  const rows = optionsOf(object).map(({ key, note, fallback }) => {
    const value = note.kind ?? `\`${inlineYaml(fallback)}\``;
    const words = note.fallback ?? (fallback === undefined || note.kind === undefined ? '' : `\`${inlineYaml(fallback)}\``);
    return `| \`${key}\` | ${value} | ${words} | ${note.description ?? ''} |`;
  });
  const intro = description === undefined ? '' : `${description}\n\n`;
  return `\n## ${heading ?? 'Top level'}\n\n${intro}| option | value | default | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

/** The text of the sample file: uncommenting any option changes nothing. */
export function sampleConfig(): string {
  const head = [
    'Trapline. Every option is shown at its default; take the single "#" away from those that you change.',
    'What they mean in full: docs/configuration.md. After a change: trapline check && trapline reload',
  ];
  return `${head.map((text) => `## ${text}\n`).join('')}${optionsOf(schema)
    .map((option) => `\n${sampleOf(option, '')}`)
    .join('')}`;
}

function sampleOf({ key, note, fallback, type }: Option, indent: string): string {
  const prose = comment(note.description, indent);
  const [section] = sectionsOf(type);
  if (!section) {
    // What has no value of its own as default stays a comment, also when every single "#" is taken away.
    if (fallback === undefined && note.fallback?.startsWith('the '))
      return `${prose}##${indent} For example: ${key}: ${inlineYaml(note.example)}\n`;
    return `${prose}# ${indent}${key}: ${inlineYaml(fallback ?? note.example)}\n`;
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

/** What the layers of a schema say of it, the outer ones first. */
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

/** The objects that may stand at an option itself, or under a name of one's own. */
function sectionsOf(type: z.core.$ZodType): Objects {
  const bare = unwrapped(type);
  if (bare instanceof z.ZodRecord) return sectionsOf(bare.valueType);
  return bare instanceof z.ZodObject ? [bare] : [];
}

/** Every object below the top level, in order, each once; entries of lists among them. */
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
