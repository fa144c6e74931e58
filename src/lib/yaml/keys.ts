// Which keys a schema knows, and which of them was meant by one that it does not know. A part of lib/yaml.ts.
import { closestMatch } from 'leven';
import { z } from 'zod';
import { printable } from '../printable.ts';

/** The known word that a mistyped one is most like; undefined when none is near. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  return known.length > 0 ? closestMatch(key, known, { maxDistance: Math.max(2, Math.floor(key.length / 3)) }) : undefined;
}

/** What is said to a key that the schema does not know at a path: `unknown key "regx", did you mean "regex"?`. */
export function unknownKey(key: string, path: readonly PropertyKey[], schema: z.ZodType): string {
  const known = keysAt(schema, path);
  return `unknown key "${printable(key)}", ${adviceHere(key, known) ?? adviceElsewhere(key, schema) ?? `known here: ${known.join(', ') || 'none'}`}`;
}

/** Longer words than this are not compared: the time goes with the square of the length. */
const LONGEST_WORD = 100;

function adviceHere(key: string, known: readonly string[]): string | undefined {
  const near = key.length > LONGEST_WORD ? undefined : nearest(key, known);
  return near && `did you mean "${near}"?`;
}

function adviceElsewhere(key: string, schema: z.ZodType): string | undefined {
  if (key.length > LONGEST_WORD) return undefined;
  const places = placesOf(schema, '');
  const near = nearest(key, [...places.keys()]);
  return near && `did you mean "${near}" under "${places.get(near)}"?`;
}

/** The keys that a schema knows at a path, through optional, default, union, record and array layers. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
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
