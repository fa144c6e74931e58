// A filter: a YAML file with rules, the patterns that recognise a line, and the lines that prove them.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ConfigError, errnoOf } from '../errors.ts';
import { printable } from '../lib/printable.ts';
import { nearest, parseYaml, readYaml } from '../lib/yaml.ts';
import { isBlock } from './blocks.ts';
import { compilePattern, type Pattern } from './compile.ts';
import { chooseLiterals } from './literals.ts';
import type { Fault } from './syntax.ts';

/** A named way to recognise a hit. */
export interface Rule {
  readonly name: string;
  /** Whether it counts unless a jail says otherwise. */
  readonly on: boolean;
  /** A line that it recognises is shown to no later rule, also when it does not count. */
  readonly final: boolean;
  /** Tried in this order. */
  readonly patterns: readonly Pattern[];
}

/** One line and what the filter makes of it. */
export interface Example {
  readonly line: string;
  /** Undefined: no hit. */
  readonly expected:
    | { readonly address: string; readonly rule: string; readonly fields: Readonly<Record<string, string>> }
    | undefined;
  /** `file:line:col` */
  readonly where: string;
}

/** A filter file, compiled. */
export interface Filter {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly rules: readonly Rule[];
  readonly examples: readonly Example[];
  /** Every line that a rule matches contains one of these, as latin1. */
  readonly literals: readonly string[];
}

/** Settings that a jail changes; undefined ones are left as the filter has them. */
export type Settings = Readonly<Record<string, string | undefined>>;

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const name = z.string().regex(NAME, 'small letters, digits and hyphens only');
const line = z.string().regex(/^[^\n]+$/, 'one line');

const exampleSchema = z
  .strictObject({
    line,
    none: z.string().optional(),
    address: z.string().optional(),
    rule: z.string().optional(),
    fields: z.record(z.string(), z.string()).optional(),
  })
  .refine((one) => (one.none === undefined) === (one.address !== undefined && one.rule !== undefined), {
    message: 'an example says either "address" and "rule", or "none" with the reason why it is no hit',
  });

const schema = z.strictObject({
  name,
  description: line,
  settings: z.record(z.string(), line).default({}),
  rules: z
    .array(
      z.strictObject({
        name,
        on: z.boolean().default(true),
        final: z.boolean().default(false),
        pattern: z.union([z.string(), z.array(z.string()).min(1)], { error: 'a pattern or a list of patterns' }),
      }),
    )
    .min(1),
  examples: z.array(exampleSchema).default([]),
});

/**
 * Loads a filter: by path when the text holds a slash or ends in `.yaml`, else by name, from the first of the folders that has
 * `NAME.yaml`. Throws ConfigError, with `file:line:col` where it is about something in the file.
 */
export function loadFilter(nameOrPath: string, options: { settings?: Settings; folders: readonly string[] }): Filter {
  const { file, text } = find(nameOrPath, options.folders);
  const { value, where } = parseYaml(text, file, schema);
  const settings = mergeSettings(value.settings, options.settings ?? {}, (key) => where(['settings', key]), value.name);
  const duplicate = value.rules.findIndex((rule, index) => value.rules.findIndex((one) => one.name === rule.name) !== index);
  if (duplicate >= 0) {
    throw new ConfigError(
      `${where(['rules', duplicate, 'name'])}: second rule "${value.rules[duplicate]?.name}", give it another name`,
    );
  }
  const rules = value.rules.map((rule, index): Rule => {
    const patterns = [rule.pattern].flat().map((pattern, place) => {
      const path = ['rules', index, 'pattern', ...(typeof rule.pattern === 'string' ? [] : [place])];
      return compilePattern(pattern, settings, faultAt(text, where(path), pattern));
    });
    return { name: rule.name, on: rule.on, final: rule.final, patterns };
  });
  const patterns = rules.flatMap((rule) => rule.patterns);
  const words = [...new Set(patterns.flatMap((pattern) => pattern.words))];
  return {
    name: value.name,
    description: value.description,
    file,
    settings,
    rules,
    examples: value.examples.map((one, index) => ({
      line: one.line,
      expected: one.address === undefined ? undefined : { address: one.address, rule: one.rule ?? '', fields: one.fields ?? {} },
      where: where(['examples', index]),
    })),
    literals: chooseLiterals(
      patterns.map((pattern) => pattern.literals),
      words,
    ),
  };
}

function find(nameOrPath: string, folders: readonly string[]): { file: string; text: string } {
  const isPath = nameOrPath.includes('/') || nameOrPath.endsWith('.yaml');
  const files = isPath ? [nameOrPath] : folders.map((folder) => join(folder, `${nameOrPath}.yaml`));
  for (const file of files) {
    try {
      return { file, text: readYaml(file) };
    } catch (thrown) {
      const reason = errnoOf(thrown);
      if (reason === undefined) throw thrown;
      if (reason !== 'ENOENT' || isPath) throw new ConfigError(`${file}: cannot be read (${reason})`, { cause: thrown });
    }
  }
  const known = folders.flatMap(filtersIn);
  const near = nearest(nameOrPath, known);
  const advice = near ? `did you mean "${near}"?` : `known are ${known.join(', ') || 'none'}`;
  throw new ConfigError(`unknown filter "${printable(nameOrPath)}", ${advice}; looked in ${folders.join(', ')}`);
}

function filtersIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => basename(file, '.yaml'));
  } catch {
    return []; // A folder for the operator's own filters need not be there.
  }
}

function mergeSettings(
  own: Readonly<Record<string, string>>,
  changed: Settings,
  where: (key: string) => string,
  filter: string,
): Readonly<Record<string, string>> {
  const wrong = Object.keys(own).find((key) => isBlock(key) || !NAME.test(key));
  if (wrong !== undefined) {
    throw new ConfigError(
      `${where(wrong)}: setting "${printable(wrong)}" needs another name, this one is a building block's or not in small letters`,
    );
  }
  const merged = { ...own };
  for (const [key, text] of Object.entries(changed)) {
    if (text === undefined) continue;
    if (!Object.hasOwn(own, key)) {
      throw new ConfigError(
        `filter "${filter}": no setting "${printable(key)}", known are ${Object.keys(own).join(', ') || 'none'}`,
      );
    }
    if (text.trim() === '' || text.includes('\n'))
      throw new ConfigError(`filter "${filter}": setting "${key}" is not one line of text`);
    merged[key] = text;
  }
  return merged;
}

/** Faults of a pattern: at its own character where it stands on one line of the file as it is, else where its value begins. */
function faultAt(text: string, place: string, pattern: string): Fault {
  const [, file = '', row = '1', column = '1'] = /^(.*):(\d+):(\d+)$/s.exec(place) ?? [];
  const written = text.split('\n')[Number(row) - 1]?.slice(Number(column) - 1) ?? '';
  const quotes = /^['"]/.test(written) ? 1 : 0;
  const asIs = written.startsWith(pattern, quotes);
  return (fault, offset) => {
    const shown = asIs ? `${file}:${row}:${Number(column) + quotes + offset}` : `${place} (character ${offset + 1} of the pattern)`;
    return new ConfigError(`${shown}: ${printable(fault, 500)}; filter not loaded`);
  };
}
