// Reads YAML against a zod schema; every fault is told as `file:line:col: what, advice`.
import { closestMatch } from 'leven';
import { isScalar, LineCounter, parseDocument, stringify, visit, type Document } from 'yaml';
import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import { printable } from './printable.ts';

/** A YAML text that fits its schema, and where each part of it stands. */
export interface Located<T> {
  readonly value: T;
  /** `file:line:col` of the value at a path, or of the nearest part above it that is written down. */
  readonly where: (path: readonly PropertyKey[]) => string;
}

/**
 * Parses `text` (of the file `file`) and checks it against `schema`. An empty text is an empty mapping.
 * Throws ConfigError: the first fault in the order of the text, with its place, and how many more there are.
 */
export function parseYaml<Schema extends z.ZodType>(text: string, file: string, schema: Schema): Located<z.output<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const [fault] = document.errors;
  if (fault) throw new ConfigError(`${place(fault.pos[0])}: ${firstLine(fault.message)}`, { cause: fault });
  const where = (path: readonly PropertyKey[]): string => place(offsetOf(document, path));
  visit(document, {
    // A plain object cannot hold this key, so a schema would never see it.
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === '__proto__')
        throw new ConfigError(`${place(key.range?.[0] ?? 0)}: unknown key "__proto__"`);
    },
  });
  const plain: unknown = toPlain(document, file) ?? {};
  if (typeof plain === 'string') throw new ConfigError(`${place(0)}: ${noMapping(plain, schema)}`);
  const checked = schema.safeParse(plain);
  if (checked.success) return { value: checked.data, where };
  const faults = checked.error.issues
    .flatMap((issue) => faultsOf(schema, issue, []))
    .map((found) => Object.assign(found, { offset: offsetOf(document, found.path, found.key) }))
    .toSorted((one, other) => one.offset - other.offset || Number(other.key !== undefined) - Number(one.key !== undefined));
  const [first] = faults;
  if (!first) throw new ConfigError(`${file}: does not fit`, { cause: checked.error });
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw new ConfigError(`${place(first.offset)}: ${first.text}${more}`, { cause: checked.error });
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw new ConfigError(`${file}:1:1: ${firstLine(String(thrown))}`, { cause: thrown });
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
  readonly text: string;
}

function faultsOf(schema: z.ZodType, issue: z.core.$ZodIssue, base: readonly PropertyKey[]): Fault[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], key, text: unknownKey(key, path, schema) }));
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
  return [{ path, text: `${name}${firstLine(issue.message)}` }];
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((one) => one.path.length));
}

function unknownKey(key: string, path: readonly PropertyKey[], schema: z.ZodType): string {
  const known = keysAt(schema, path);
  return `unknown key "${printable(key)}", ${adviceHere(key, known) ?? adviceElsewhere(key, schema) ?? `known here: ${known.join(', ') || 'none'}`}`;
}

function adviceHere(key: string, known: readonly string[]): string | undefined {
  const near = nearest(key, known);
  return near && `did you mean "${near}"?`;
}

function adviceElsewhere(key: string, schema: z.ZodType): string | undefined {
  const places = placesOf(schema, '');
  const near = nearest(key, [...places.keys()]);
  return near && `did you mean "${near}" under "${places.get(near)}"?`;
}

/** The known word that a mistyped one is most like; undefined when none is near. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  return known.length > 0 ? closestMatch(key, known, { maxDistance: Math.max(2, Math.floor(key.length / 3)) }) : undefined;
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

/** The keys that a schema knows at a path, through optional, default, union, record and array layers. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const layers = open(schema);
  const [step, ...rest] = path;
  if (step === undefined) return layers.flatMap((layer) => (layer instanceof z.ZodObject ? Object.keys(layer.shape) : []));
  return layers.flatMap((layer) => {
    if (layer instanceof z.ZodObject) {
      const inner = (layer.shape as Record<PropertyKey, z.core.$ZodType | undefined>)[step];
      return inner ? keysAt(inner, rest) : [];
    }
    if (layer instanceof z.ZodRecord) return keysAt(layer.valueType, rest);
    return layer instanceof z.ZodArray ? keysAt(layer.element, rest) : [];
  });
}

/** Every key below the top of a schema, with where it first belongs: `defaults`, `jails.<name>`. */
function placesOf(schema: z.core.$ZodType, under: string, depth = 0): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  const put = (found: ReadonlyMap<string, string>): void =>
    found.forEach((place, key) => places.has(key) || places.set(key, place));
  const below = (step: string): string => (under === '' ? step : `${under}.${step}`);
  for (const layer of depth < 5 ? open(schema) : []) {
    if (layer instanceof z.ZodObject) {
      const shape = layer.shape as Record<string, z.core.$ZodType>;
      if (under !== '') put(new Map(Object.keys(shape).map((key) => [key, under])));
      for (const [key, inner] of Object.entries(shape)) put(placesOf(inner, below(key), depth + 1));
    }
    if (layer instanceof z.ZodRecord) put(placesOf(layer.valueType, below('<name>'), depth + 1));
    if (layer instanceof z.ZodArray) put(placesOf(layer.element, below('<entry>'), depth + 1));
  }
  return places;
}

function open(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  ) {
    return open(schema.def.innerType);
  }
  if (schema instanceof z.ZodPipe) return open(schema.def.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(open);
  return [schema];
}
