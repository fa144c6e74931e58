// Reads YAML against a zod schema. Every fault is an error `file:line:col: fault, advice`. The files are the operator's own: they may have
// mistakes but are not hostile.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, stringify, visit, type Document } from 'yaml';
import type { z } from 'zod';
import { ConfigError, messageOf } from '../../errors.ts';
import { printable } from '../text/printable.ts';
import { keysAt, unknownKey } from './keys.ts';
import { renameKeys, type Nodes } from './renamed.ts';

export { adviceOn } from './keys.ts';

/** The value of a YAML text that fits its schema, and the place of each part of it. */
export interface Located<T> {
  readonly value: T;
  readonly where: Where;
  /** One line with its place for each option that is written under its former name. */
  readonly notices: readonly string[];
}

/**
 * Returns `file:line:col` of the value at a path, or of the key of this value. For a value that the file does not contain, returns the place
 * of the nearest part above it that the file contains.
 */
export type Where = (path: readonly PropertyKey[], part?: 'key' | 'value') => string;

/** The longest file that is read (bytes). A longer file is probably a log that was named by mistake. */
const LONGEST = 1_048_576;

/** Reads a YAML file as text. Throws the error of the system, and ConfigError for a file above 1 MiB or a named pipe. */
export function readYaml(file: string): string {
  // Opening a named pipe would wait for a writer, perhaps for ever. Only pipes under /dev are read: a shell makes them for `<(...)`.
  const shell = file.startsWith('/dev/');
  const descriptor = openSync(file, constants.O_RDONLY | (shell ? 0 : constants.O_NONBLOCK));
  try {
    if (!shell && fstatSync(descriptor).isFIFO()) throw new ConfigError(`${printable(file)}: is a pipe, name a file`);
    // The buffer is one byte longer than the limit. If it is full, the file is too long. So an endless pipe or device is not read for ever.
    const bytes = Buffer.alloc(LONGEST + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (length > LONGEST)
      throw new ConfigError(`${printable(file)}: longer than ${LONGEST / 1024} KiB, this is not a configuration file`);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Parses `text` (of the file `file`) and checks it against `schema`. An empty text is an empty mapping. Throws a ConfigError with the first
 * fault in the text, the place of that fault, and the number of further faults.
 */
export function parseYaml<Schema extends z.ZodType>(text: string, file: string, schema: Schema): Located<z.output<Schema>> {
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const document = parse(text, lines, place);
  const where: Where = (path, part) => place(offsetOf(document, path, part === 'key' ? String(path.at(-1)) : undefined));
  const notices = renameKeys(document.contents, schema, nodesOf(document, place));
  const plain: unknown = toPlain(document, place) ?? {};
  if (typeof plain === 'string') throw new ConfigError(`${place(0)}: ${noMapping(plain, schema)}`);
  const checked = schema.safeParse(plain);
  if (checked.success) return { value: checked.data, where, notices };
  const faults = checked.error.issues.flatMap((issue) => faultsOf(schema, issue, []));
  const sorted = faults
    .map((found) => Object.assign(found, { offset: offsetOf(document, found.path, found.key) }))
    .toSorted((one, other) => one.offset - other.offset || Number(other.key !== undefined) - Number(one.key !== undefined));
  const all = sorted.slice(0, MOST_LISTED).map((fault) => `${place(fault.offset)}: ${fault.text()}`);
  if (sorted.length > all.length) all.push(`${file}: ${sorted.length - all.length} more faults`);
  const [first] = all;
  if (first === undefined) throw new ConfigError(`${file}: does not fit`, { cause: checked.error });
  const more = sorted.length > 1 ? ` (and ${sorted.length - 1} more)` : '';
  throw new ConfigError(`${first}${more}`, { cause: checked.error, all });
}

function nodesOf(document: Document, place: (offset: number) => string): Nodes {
  const followed = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  return {
    pairs: (node) => {
      const map = followed(node);
      return isMap(map) ? map.items.flatMap(({ key, value }) => (isScalar(key) ? { key, value } : [])) : [];
    },
    entries: (node) => {
      const list = followed(node);
      return isSeq(list) ? list.items : [];
    },
    place,
  };
}

function parse(text: string, lines: LineCounter, place: (offset: number) => string): Document {
  // With `uniqueKeys` the parser would compare each key with every other key, which takes 24 s for a mapping of 40,000 keys. `refuseKeys` is
  // faster.
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false } as const;
  const document = parseDocument(text, { ...options, schema: 'core', resolveKnownTags: false });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) throw new ConfigError(`${place(fault.pos[0])}: ${PLAINER[fault.code] ?? firstLine(fault.message)}`, { cause: fault });
  refuseKeys(document, place);
  return document;
}

/** Messages that replace those messages of the parser that do not help the operator. The key is the code of the fault. */
const PLAINER: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here, remove it and the line "---" or "..." before it',
  TAG_RESOLVE_FAILED: 'a tag ("!...") is not supported, remove it',
  RESOURCE_EXHAUSTION: 'nested too deeply for an option',
};

/**
 * Throws for a key that a mapping contains twice, and for the key `__proto__`. An object cannot hold `__proto__`, so no schema could refuse
 * this key.
 */
function refuseKeys(document: Document, place: (offset: number) => string): void {
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const at = (): string => place(key.range?.[0] ?? 0);
        if (key.value === '__proto__') throw new ConfigError(`${at()}: unknown key "__proto__"`);
        if (seen.has(key.value)) throw new ConfigError(`${at()}: key "${printable(String(key.value))}" is written twice`);
        seen.add(key.value);
      }
    },
  });
}

function toPlain(document: Document, place: (offset: number) => string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw new ConfigError(aliasFault(document, place) ?? `${place(0)}: ${firstLine(messageOf(thrown))}`, { cause: thrown });
  }
}

/** The message about an alias without an anchor. YAML reads a value such as `*.log` as an alias, but the operator probably meant a text. */
function aliasFault(document: Document, place: (offset: number) => string): string | undefined {
  let fault: string | undefined;
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      fault = `${place(alias.range?.[0] ?? 0)}: "*${printable(alias.source)}" is an alias without an anchor, put quotes around a text`;
      return visit.BREAK;
    },
  });
  return fault;
}

/** A value as YAML on one line: `[25, 465]`, `{client: false}`, `'0660'`. */
export function inlineYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0, singleQuote: true }).trim();
}

/** The number of faults of one file that are described. The description of one fault takes up to a millisecond. */
const MOST_LISTED = 100;

interface Fault {
  readonly path: readonly PropertyKey[];
  /** The unknown key, when the fault is an unknown key. */
  readonly key?: string;
  readonly text: () => string;
}

function faultsOf(schema: z.ZodType, issue: z.core.$ZodIssue, base: readonly PropertyKey[]): Fault[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], key, text: () => unknownKey(key, path, schema) }));
  }
  if (issue.code === 'invalid_union') {
    // Alternatives that refuse this kind of value are left out. Among the remaining ones, the operator probably meant the one with the
    // deepest fault.
    const fitting = issue.errors.filter(
      (issues) => !issues.some((one) => one.path.length === 0 && one.code.startsWith('invalid_')),
    );
    const branch = fitting.toSorted((one, other) => depthOf(other) - depthOf(one))[0];
    if (branch) return branch.flatMap((inner) => faultsOf(schema, inner, path));
  }
  const name = path.length > 0 ? `${nameOf(path)}: ` : '';
  // zod has no other mark of a value that is not there.
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return [{ path, text: () => `${name}${missing ? 'missing' : firstLine(issue.message)}` }];
}

/** The name of a value for people, who count from 1: `"defaults.bantime"`, `entry 2 of "defaults.ignoreip"`. */
function nameOf(path: readonly PropertyKey[]): string {
  const at = path.findLastIndex((part) => typeof part === 'number');
  const names = path.slice(at + 1).join('.');
  if (at < 0) return `"${printable(names)}"`;
  const entry = `entry ${Number(path[at]) + 1}${at === 0 ? '' : ` of ${nameOf(path.slice(0, at))}`}`;
  return names === '' ? entry : `"${printable(names)}" of ${entry}`;
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((deepest, one) => Math.max(deepest, one.path.length), 0);
}

/** The message about a text that is not a mapping, such as `bantime = 1h`. */
function noMapping(text: string, schema: z.ZodType): string {
  const key = /^([\w-]+)\s*=/.exec(text)?.[1];
  const wrong =
    key !== undefined && !keysAt(schema, []).includes(key) ? unknownKey(key, [], schema) : `no mapping: "${printable(text, 40)}"`;
  return `${wrong}; lines are written "key: value"`;
}

function firstLine(text: string): string {
  return printable(text.split('\n')[0] ?? '');
}

/**
 * The offset of the value at a path, or of `key` for an unknown key. For a value that the text does not contain, the offset of the nearest
 * part above it that the text contains.
 */
function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  const nodes: unknown[] = [document.contents];
  for (const step of path) nodes.push(pairAt(nodes.at(-1), step)?.value);
  const own = key === undefined ? undefined : pairAt(nodes.at(-2), key)?.key;
  const found = [...nodes, own].findLast((node) => startOf(node) !== undefined);
  return startOf(found) ?? 0;
}

interface WrittenPair {
  readonly key: unknown;
  readonly value: unknown;
}

/** The pairs of each mapping by their keys, because a file may have very many keys that are all faults. */
const pairs = new WeakMap<object, ReadonlyMap<string, WrittenPair>>();

/** The entry of a mapping or list; undefined when there is none. */
function pairAt(node: unknown, step: PropertyKey): WrittenPair | undefined {
  if (isSeq(node)) return { key: undefined, value: node.items[Number(step)] };
  if (!isMap(node)) return undefined;
  const known =
    pairs.get(node) ??
    new Map(node.items.flatMap(({ key, value }) => (isScalar(key) ? [[String(key.value), { key, value }]] : [])));
  pairs.set(node, known);
  return known.get(String(step));
}

function startOf(node: unknown): number | undefined {
  const range = node !== null && typeof node === 'object' && 'range' in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined;
}
