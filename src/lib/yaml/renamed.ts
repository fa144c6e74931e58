// Reads options that have been renamed: a text with the former name of an option is read as if it had the present name.
// A schema declares a former name beside the option: `.meta({ formerly: 'old_name' })`.
import { z } from 'zod';
import { ConfigError } from '../../errors.ts';
import { printable } from '../text/printable.ts';
import { layersOf } from './keys.ts';

/** A key of a mapping in a parsed document. */
export interface Key {
  value: unknown;
  /** The place of the key, as offsets in the text. */
  readonly range?: readonly number[] | null | undefined;
}

interface Pair {
  readonly key: Key;
  readonly value: unknown;
}

/** Reads the nodes of a parsed document; aliases are followed. */
export interface Nodes {
  /** The keys and values of a mapping; empty for any other node. */
  readonly pairs: (node: unknown) => readonly Pair[];
  /** The entries of a list; empty for any other node. */
  readonly entries: (node: unknown) => readonly unknown[];
  /** `file:line:col` of an offset in the text. */
  readonly place: (offset: number) => string;
}

/**
 * Replaces every former name of an option below `top` by the present name. Values and offsets do not change. Returns one notice for each
 * renamed option, with the first place where its former name is written. Throws ConfigError when a section has both names.
 */
export function renameKeys(top: unknown, schema: z.core.$ZodType, nodes: Nodes): readonly string[] {
  const notices = new Map<string, string>();
  const visit = (node: unknown, type: z.core.$ZodType): void => {
    if (!hasFormerNames(type)) return;
    const pairs = nodes.pairs(node);
    for (const layer of layersOf(type)) {
      if (layer instanceof z.ZodArray) for (const entry of nodes.entries(node)) visit(entry, layer.element);
      if (layer instanceof z.ZodRecord) for (const { value } of pairs) visit(value, layer.valueType);
      if (!(layer instanceof z.ZodObject)) continue;
      for (const [now, option] of Object.entries<z.core.$ZodType>(layer.shape)) {
        const former = formerName(option);
        if (former !== undefined) rename(pairs, former, now);
        for (const { key, value } of pairs) if (key.value === now) visit(value, option);
      }
    }
  };
  const rename = (pairs: readonly Pair[], former: string, now: string): void => {
    const key = pairs.find((pair) => pair.key.value === former)?.key;
    if (!key) return;
    const at = nodes.place(key.range?.[0] ?? 0);
    const names = `"${printable(former)}" is the former name of "${printable(now)}"`;
    if (pairs.some((pair) => pair.key.value === now)) throw new ConfigError(`${at}: ${names}, which is set too; keep one of them`);
    key.value = now;
    if (!notices.has(names)) notices.set(names, `${at}: ${names} and still works; write "${printable(now)}"`);
  };
  visit(top, schema);
  return [...notices.values()];
}

/** The former name of an option. The schema may declare it on any layer of the option. Undefined: the option has no former name. */
export function formerName(option: z.core.$ZodType): string | undefined {
  const own = z.globalRegistry.get(option)?.['formerly'];
  if (typeof own === 'string') return own;
  if (option instanceof z.ZodPipe) return formerName(option.def.in);
  const wraps =
    option instanceof z.ZodOptional ||
    option instanceof z.ZodDefault ||
    option instanceof z.ZodPrefault ||
    option instanceof z.ZodNullable;
  return wraps ? formerName(option.def.innerType) : undefined;
}

function hasFormerNames(schema: z.core.$ZodType): boolean {
  return layersOf(schema).some((layer) => {
    if (layer instanceof z.ZodArray) return hasFormerNames(layer.element);
    if (layer instanceof z.ZodRecord) return hasFormerNames(layer.valueType);
    if (!(layer instanceof z.ZodObject)) return false;
    return Object.values<z.core.$ZodType>(layer.shape).some((option) => formerName(option) !== undefined || hasFormerNames(option));
  });
}
