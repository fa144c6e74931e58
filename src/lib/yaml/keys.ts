// Finds the keys that a schema knows, and the known key that an operator probably meant by an unknown key.
import { z } from 'zod';
import { nearest } from '../text/nearest.ts';
import { printable } from '../text/printable.ts';

/** Advice on an unknown name: `did you mean "ipset"?` when a known name is similar, else `known are ipset, nftables`. */
export function adviceOn(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? `known are ${known.join(', ') || 'none'}` : `did you mean "${near}"?`;
}

/** The message about a key that is unknown at a path of the schema: `unknown key "regx", did you mean "regex"?`. */
export function unknownKey(key: string, path: readonly PropertyKey[], schema: z.ZodType): string {
  const known = [...new Set(keysAt(schema, path))];
  // A union of objects knows the key of each of them.
  if (known.includes(key)) return `key "${printable(key)}" does not belong to an entry of this type`;
  return `unknown key "${printable(key)}", ${adviceHere(key, known) ?? adviceElsewhere(key, schema) ?? `known keys: ${known.join(', ') || 'none'}`}`;
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

/** The keys that a schema knows at a path. The parts of the path may be optional, have defaults, or be unions, records and arrays. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const layers = layersOf(schema);
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

/** Every key below the top level of a schema, with the first place where it belongs: `defaults`, `jails.<name>`. */
function placesOf(schema: z.core.$ZodType, under: string, depth = 0): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  const put = (found: ReadonlyMap<string, string>): void =>
    found.forEach((place, key) => places.has(key) || places.set(key, place));
  const below = (step: string): string => (under === '' ? step : `${under}.${step}`);
  for (const layer of depth < 5 ? layersOf(schema) : []) {
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

/** The schemas inside optional, default, nullable, pipe and union layers: objects, records, arrays and plain values. */
export function layersOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  ) {
    return layersOf(schema.def.innerType);
  }
  if (schema instanceof z.ZodPipe) return layersOf(schema.def.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(layersOf);
  return [schema];
}
