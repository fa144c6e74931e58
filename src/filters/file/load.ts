// Loads a filter: a YAML file with rules, the patterns that recognise a line, and example lines.
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, errnoOf, FilterError } from '../../errors.ts';
import { printable } from '../../lib/text/printable.ts';
import { POSTFIX_NAMES } from '../../lib/text/syslogname.ts';
import { findFile } from '../../lib/yaml/catalog.ts';
import { adviceOn, parseYaml, readYaml, type Where } from '../../lib/yaml/yaml.ts';
import {
  chooseLiterals,
  compilePattern,
  findContradiction,
  isBlock,
  latin1,
  type Compiled,
  type Fault,
} from '../pattern/compile.ts';
import type { CompiledFilter, Filter, Rule } from './filter.ts';
import { checksumOf, thaw } from './frozen.ts';
import { filterFile, NAME, type FilterFile } from './schema.ts';
import { SHIPPED } from './shipped.ts';

export type { CompiledFilter, Example, Filter, Rule } from './filter.ts';

/** Settings that a jail changes. An undefined setting keeps the filter's text. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** How a filter is loaded. */
export interface LoadOptions {
  readonly settings?: Settings;
  /** The folders in which a filter is searched by its name, in this order. */
  readonly folders: readonly string[];
  /** Returns the place of a jail's option in the configuration, for a path such as `['filter']`. */
  readonly where?: Where;
  /** The names by which Postfix may mark its lines, see smtpdStart; `postfix*` by default. */
  readonly names?: readonly string[] | undefined;
  /** Compiled filters, see SHIPPED; those of the package by default. */
  readonly shipped?: Readonly<Record<string, string>>;
}

/**
 * Loads a filter by its path (a text with a slash, or with the ending of a YAML file) or by its name. A filter of the package is not compiled
 * again, if the jail changes no setting and Postfix has its usual names. Throws FilterError, with `file:line:col`, for a fault in the file.
 * Throws ConfigError for a missing file, and for settings that the filter does not have.
 */
export function loadFilter(nameOrPath: string, options: LoadOptions): Filter {
  const found = find(nameOrPath, options);
  return readyFilter(found, options) ?? compileFound(found, options);
}

/** Loads a filter as loadFilter does, and always compiles it. */
export function compileFilter(nameOrPath: string, options: LoadOptions): CompiledFilter {
  return compileFound(find(nameOrPath, options), options);
}

/** The file of a filter, and its text. */
interface FoundFile {
  readonly file: string;
  readonly text: string;
}

function find(nameOrPath: string, { folders, where }: LoadOptions): FoundFile {
  const file = findFile({ kind: 'filter', folders }, nameOrPath, where?.(['filter']));
  return { file, text: readFilter(file, where) };
}

/** The filter that the build has compiled from a file with this text. Undefined if there is none, or if it has other names or settings. */
function readyFilter({ file, text }: FoundFile, options: LoadOptions): Filter | undefined {
  const frozen = (options.shipped ?? SHIPPED)[checksumOf(text)];
  if (frozen === undefined) return undefined;
  const filter = thaw(frozen, file);
  const isUsual = isDeepStrictEqual(filter.names, options.names ?? POSTFIX_NAMES);
  return isUsual && isDeepStrictEqual(filter.settings, mergeSettings(filter, options)) ? filter : undefined;
}

function compileFound({ file, text }: FoundFile, options: LoadOptions): CompiledFilter {
  const { value, where } = ofFile(() => parseYaml(text, file, filterFile));
  ofFile(() => requireNames(value, where));
  const settings = mergeSettings(value, options);
  return ofFile(() => compile({ file, text, value, where }, settings, options.names ?? POSTFIX_NAMES));
}

/** The start of a message: the place of a jail's option with a colon and a blank; empty when the filter is not loaded for a jail. */
const placed = (where: Where | undefined, ...at: Parameters<Where>): string => (where ? `${where(...at)}: ` : '');

function readFilter(file: string, where: Where | undefined): string {
  try {
    return readYaml(file);
  } catch (thrown) {
    const reason = errnoOf(thrown);
    if (reason === undefined) throw thrown;
    throw new ConfigError(
      `${placed(where, ['filter'])}${file}: ${reason === 'ENOENT' ? 'there is no such file' : `cannot be read (${reason})`}`,
      { cause: thrown },
    );
  }
}

/** Turns a ConfigError for a filter file into a FilterError. */
function ofFile<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof ConfigError ? new FilterError(thrown.message, { cause: thrown, all: thrown.all }) : thrown;
  }
}

/** A filter file that has been read. */
interface Source {
  readonly file: string;
  readonly text: string;
  readonly value: FilterFile;
  readonly where: Where;
}

/** Throws ConfigError for two rules with one name, and for a setting with an invalid name or the name of a building block. */
function requireNames({ rules, settings }: FilterFile, where: Where): void {
  const again = rules.findIndex((rule, index) => rules.findIndex((one) => one.name === rule.name) !== index);
  if (again >= 0) {
    throw new ConfigError(
      `${where(['rules', again, 'name'])}: an earlier rule has the name "${rules[again]?.name}", choose another name`,
    );
  }
  const wrong = Object.keys(settings).find((key) => isBlock(key) || !NAME.test(key));
  if (wrong === undefined) return;
  const why = isBlock(wrong) ? 'a building block has this name' : 'use small letters, digits and hyphens only';
  throw new ConfigError(`${where(['settings', wrong])}: setting "${printable(wrong)}" needs another name, ${why}`);
}

/** Returns the filter's settings with the changes of a jail. */
function mergeSettings(
  { name, settings }: Pick<Filter, 'name' | 'settings'>,
  options: LoadOptions,
): Readonly<Record<string, string>> {
  const merged = { ...settings };
  for (const [key, text] of Object.entries(options.settings ?? {})) {
    if (text === undefined) continue;
    if (!Object.hasOwn(settings, key)) {
      const place = placed(options.where, [key], 'key');
      throw new ConfigError(`${place}filter "${name}": no setting "${printable(key)}", ${adviceOn(key, Object.keys(settings))}`);
    }
    if (text.trim() === '' || text.includes('\n')) {
      throw new ConfigError(`${placed(options.where, [key])}filter "${name}": setting "${key}" must be one line of text`);
    }
    merged[key] = text;
  }
  return merged;
}

/** A pattern, the rule that it belongs to, and the function that makes its errors. */
interface Placed {
  readonly rule: string;
  readonly pattern: Compiled;
  readonly fault: Fault;
}

function compile(
  { file, text, value, where }: Source,
  settings: Readonly<Record<string, string>>,
  names: readonly string[],
): CompiledFilter {
  const all: Placed[] = [];
  const rules = value.rules.map(({ name, on, final, pattern: written }, index): Rule<Compiled> => {
    const lines = value.examples.flatMap((one) => (one.rule === name ? [latin1(one.line)] : []));
    const patterns = [written].flat().map((pattern, place) => {
      const path = ['rules', index, 'pattern', ...(typeof written === 'string' ? [] : [place])];
      const fault = faultAt(text, where(path), pattern);
      const compiled = compilePattern(pattern, settings, fault, lines, names);
      all.push({ rule: name, pattern: compiled, fault });
      return compiled;
    });
    return { name, on, final, patterns };
  });
  refuseContradictions(all);
  const words = [...new Set(all.flatMap(({ pattern }) => pattern.words))];
  return {
    name: value.name,
    description: value.description,
    file,
    settings,
    names,
    rules,
    examples: value.examples.map((one, index) => ({
      line: one.line,
      expected: one.address === undefined ? undefined : { address: one.address, rule: one.rule ?? '', fields: one.fields ?? {} },
      where: where(['examples', index]),
    })),
    literals: chooseLiterals(
      all.map(({ pattern }) => pattern.literals),
      words,
    ),
  };
}

/** Throws a fault if two patterns of the filter can find different addresses in one line. */
function refuseContradictions(all: readonly Placed[]): void {
  const found = findContradiction(all.map(({ pattern }) => pattern.shape));
  const one = found && all[found.genuine];
  const other = found && all[found.read];
  if (!one || !other) return;
  const line =
    found.forgery.kind === 'forged' ? `: "${found.forgery.lines[0]}"` : ', or it would take too long to prove that no client can';
  throw other.fault(
    `this pattern and a pattern of rule "${one.rule}" can find two addresses in one line, add fixed text before the address; a client could ban another client${line}`,
    0,
  );
}

/** The longest fault that is shown, in characters. It may contain a pattern and a forged line. */
const LONGEST_FAULT = 1500;

/**
 * Makes a function that places the faults of a pattern. If one line of the file holds the pattern unchanged, a fault is placed at the
 * faulty character, else at the start of the pattern.
 */
function faultAt(text: string, place: string, pattern: string): Fault {
  const [, file = '', row = '1', column = '1'] = /^(.*):(\d+):(\d+)$/s.exec(place) ?? [];
  const written = text.split('\n')[Number(row) - 1]?.slice(Number(column) - 1) ?? '';
  const quotes = /^['"]/.test(written) ? 1 : 0;
  const asIs = written.startsWith(pattern, quotes);
  return (fault, offset) => {
    const shown = asIs ? `${file}:${row}:${Number(column) + quotes + offset}` : `${place} (character ${offset + 1} of the pattern)`;
    return new ConfigError(`${shown}: ${printable(fault, LONGEST_FAULT)}; filter not loaded`);
  };
}
