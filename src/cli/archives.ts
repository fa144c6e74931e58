// The files of a backfill: in which order they are read, and how much there is to read.
import { stat } from 'node:fs/promises';
import { parseTimestamp } from '../lib/timestamp.ts';
import type { Millis, Source } from '../types.ts';

/** Where a source without a first line comes in the order. */
const LAST: Millis = Number.MAX_SAFE_INTEGER;

/** Files in the order of their first lines, so that `mail.log*` is read as it was written; standard input comes last. */
export async function oldestFirst(files: readonly string[], open: (file: string) => Source): Promise<readonly [string, Source][]> {
  const sources = [...new Set(files)].map((file): [string, Source] => [file, open(file)]);
  if (sources.length === 1) return sources;
  const starts = new Map<string, Millis>();
  for (const [file, source] of sources) starts.set(file, file === '-' ? LAST : await startOf(source));
  return sources.toSorted(([one], [other]) => (starts.get(one) ?? LAST) - (starts.get(other) ?? LAST));
}

async function startOf(source: Source): Promise<Millis> {
  for await (const { bytes, at } of source.read(undefined, new AbortController().signal)) {
    return parseTimestamp(bytes.toString('latin1', 0, 100), at)?.at ?? at;
  }
  return LAST;
}

/** Bytes that will be read, or undefined when a file is compressed, is standard input, or cannot be looked at: reading it says why. */
export async function sizeOf(files: readonly string[]): Promise<number | undefined> {
  if (files.some((file) => file === '-' || /\.(?:gz|xz|zst|bz2)$/.test(file))) return undefined;
  try {
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    return undefined;
  }
}
