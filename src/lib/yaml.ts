// Reads YAML against a zod schema; every fault is told as `file:line:col: what, advice`. Bounded in size, depth and time whatever the text.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { CST, isScalar, Lexer, LineCounter, parseDocument, stringify, visit, type Document } from 'yaml';
import type { z } from 'zod';
import { ConfigError, messageOf } from '../errors.ts';
import { printable } from './printable.ts';
import { keysAt, unknownKey } from './yaml/keys.ts';

export { nearest } from './yaml/keys.ts';

/** A YAML text that fits its schema, and where each part of it stands. */
export interface Located<T> {
  readonly value: T;
  /** `file:line:col` of the value at a path, or of the nearest part above it that is written down. */
  readonly where: (path: readonly PropertyKey[]) => string;
}

/** The longest file that is read (bytes). */
const LONGEST = 1_048_576;

/** Reads a YAML file as text. Throws the error of the system, or ConfigError for a file above 1 MiB and for a named pipe. */
export function readYaml(file: string): string {
  // Opening a named pipe would wait for ever for somebody to write; those of a shell's `<(...)` are in /dev/fd.
  const shell = file.startsWith('/dev/');
  const descriptor = openSync(file, constants.O_RDONLY | (shell ? 0 : constants.O_NONBLOCK));
  try {
    if (!shell && fstatSync(descriptor).isFIFO()) throw new ConfigError(`${printable(file)}: is a pipe, name a file`);
    // One byte more than is allowed shows that there is more; a pipe or device is read no further either.
    const bytes = Buffer.alloc(LONGEST + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (length > LONGEST) throw new ConfigError(`${printable(file)}: above ${LONGEST / 1024} KiB, this is no configuration file`);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Faults that are put in the order of the text; each costs a walk to its place. */
const MOST_FAULTS = 200;

/**
 * Parses `text` (of the file `file`) and checks it against `schema`. An empty text is an empty mapping.
 * Throws ConfigError: the first fault in the order of the text, with its place, and how many more there are.
 */
export function parseYaml<Schema extends z.ZodType>(text: string, file: string, schema: Schema): Located<z.output<Schema>> {
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const document = parse(text, lines, place);
  const where = (path: readonly PropertyKey[]): string => place(offsetOf(document, path));
  const plain: unknown = toPlain(document, file) ?? {};
  if (typeof plain === 'string') throw new ConfigError(`${place(0)}: ${noMapping(plain, schema)}`);
  const checked = schema.safeParse(plain);
  if (checked.success) return { value: checked.data, where };
  const faults = checked.error.issues.flatMap((issue) => faultsOf(schema, issue, []));
  const [first] = faults
    .slice(0, MOST_FAULTS)
    .map((found) => Object.assign(found, { offset: offsetOf(document, found.path, found.key) }))
    .toSorted((one, other) => one.offset - other.offset || Number(other.key !== undefined) - Number(one.key !== undefined));
  if (!first) throw new ConfigError(`${file}: does not fit`, { cause: checked.error });
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw new ConfigError(`${place(first.offset)}: ${first.text()}${more}`, { cause: checked.error });
}

function parse(text: string, lines: LineCounter, place: (offset: number) => string): Document {
  const deep = tooDeep(text);
  if (deep !== undefined) {
    for (const { index } of text.slice(0, deep).matchAll(/\n/g)) lines.addNewLine(index + 1);
    throw new ConfigError(`${place(deep)}: nested too deeply, no option is`);
  }
  // Keys are compared below: the parser compares each with all before it.
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false } as const;
  const document = parseDocument(text, { ...options, schema: 'core', resolveKnownTags: false });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) {
    const words = fault.code === 'TAG_RESOLVE_FAILED' ? 'no tag ("!...") is known here, take it away' : firstLine(fault.message);
    throw new ConfigError(`${place(fault.pos[0])}: ${words}`, { cause: fault });
  }
  refuseTraps(document, place);
  return document;
}

/** Throws for keys that are there twice or that no object can hold, and for aliases that lead in a circle. */
function refuseTraps(document: Document, place: (offset: number) => string): void {
  let aliases = 0;
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const at = key.range?.[0] ?? 0;
        // A plain object cannot hold this key, so a schema would never see it.
        if (key.value === '__proto__') throw new ConfigError(`${place(at)}: unknown key "__proto__"`);
        if (seen.has(key.value)) throw new ConfigError(`${place(at)}: Map keys must be unique`);
        seen.add(key.value);
      }
    },
    Alias: (_, alias, path) => {
      aliases += 1;
      const meant = aliases > MOST_ALIASES ? undefined : alias.resolve(document);
      if (meant !== undefined && !path.includes(meant)) return;
      const wrong = meant ? 'holds itself' : aliases > MOST_ALIASES ? 'is one alias too many' : 'has no anchor before it';
      throw new ConfigError(`${place(alias.range?.[0] ?? 0)}: "*${printable(alias.source)}" ${wrong}`);
    },
  });
}

/** Aliases in a text; each costs a walk to its anchor. */
const MOST_ALIASES = 100;

/** Levels of brackets, and columns of indentation (with indicators such as `- - -`), that a text may go down to. */
const DEEPEST = 200;

/** Where a text goes deeper than the parser should follow, which calls itself for each level. */
function tooDeep(text: string): number | undefined {
  let offset = 0;
  let brackets = 0;
  let column = 0;
  let type: CST.TokenType | null = null;
  for (const lexeme of new Lexer().lex(text)) {
    // Of a scalar there is a mark, then its text.
    type = type === 'scalar' ? null : CST.tokenType(lexeme);
    if (type === 'flow-seq-start' || type === 'flow-map-start') brackets += 1;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') brackets -= 1;
    else if (type === 'newline') column = 0;
    else if (brackets === 0 && (type === 'space' || type?.endsWith('-ind'))) column += lexeme.length;
    if (Math.max(brackets, column) > DEEPEST) return offset;
    if (type !== 'scalar' && type !== 'doc-mode' && type !== 'flow-error-end') offset += lexeme.length;
  }
  return undefined;
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw new ConfigError(`${file}:1:1: ${firstLine(messageOf(thrown))}`, { cause: thrown });
  }
}

/** A value as YAML on one line: `[25, 465]`, `{client: false}`, `'0660'`. */
export function inlineYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0, singleQuote: true }).trim();
}

interface Fault {
  readonly path: readonly PropertyKey[];
  /** The unknown key itself, when that is the fault. */
  readonly key?: string;
  readonly text: () => string;
}

function faultsOf(schema: z.ZodType, issue: z.core.$ZodIssue, base: readonly PropertyKey[]): Fault[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], key, text: () => unknownKey(key, path, schema) }));
  }
  if (issue.code === 'invalid_union') {
    // The branch that was meant: of those which take this kind of value, the one that got deepest into it.
    const fitting = issue.errors.filter(
      (issues) => !issues.some((one) => one.path.length === 0 && one.code.startsWith('invalid_')),
    );
    const branch = fitting.toSorted((one, other) => depthOf(other) - depthOf(one))[0];
    if (branch) return branch.flatMap((inner) => faultsOf(schema, inner, path));
  }
  const name = path.length > 0 ? `"${printable(path.join('.'))}": ` : '';
  return [{ path, text: () => `${name}${firstLine(issue.message)}` }];
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((deepest, one) => Math.max(deepest, one.path.length), 0);
}

/** What is wrong with a text that is not a mapping at all, such as `bantime = 1h`. */
function noMapping(text: string, schema: z.ZodType): string {
  const key = /^([\w-]+)\s*=/.exec(text)?.[1];
  const wrong =
    key !== undefined && !keysAt(schema, []).includes(key) ? unknownKey(key, [], schema) : `no mapping: "${printable(text, 40)}"`;
  return `${wrong}; lines are written "key: value"`;
}

function firstLine(text: string): string {
  return printable(text.split('\n')[0] ?? '');
}

/** Where the value (or, for an unknown key, the key) at a path begins; the nearest written ancestor when it is missing. */
function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const at = path.slice(0, length);
    if (length > 0 && key !== undefined && length === path.length) {
      const keyOffset = offsetOfKey(document.getIn(at.slice(0, -1), true), key);
      if (keyOffset !== undefined) return keyOffset;
    }
    const node: unknown = length === 0 ? document.contents : document.getIn(at, true);
    const range = node !== null && typeof node === 'object' && 'range' in node ? node.range : undefined;
    if (Array.isArray(range) && typeof range[0] === 'number') return range[0];
  }
  return 0;
}

function offsetOfKey(map: unknown, key: string): number | undefined {
  if (map === null || typeof map !== 'object' || !('items' in map) || !Array.isArray(map.items)) return undefined;
  for (const pair of map.items as { key?: { value?: unknown; range?: readonly number[] | null } }[]) {
    if (String(pair.key?.value) === key) return pair.key?.range?.[0];
  }
  return undefined;
}
