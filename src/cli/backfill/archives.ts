// Sorts the files of a backfill by time, and adds up their sizes.
import { stat } from 'node:fs/promises';
import { DamagedError } from '../../errors.ts';
import { parseTimestamp } from '../../lib/text/timestamp.ts';
import type { Millis } from '../../words/ports.ts';
import type { Source } from '../../words/walk.ts';

/** The start time of a source whose first line was not read, or cannot be read. It sorts the source last. */
const LAST: Millis = Number.MAX_SAFE_INTEGER;

/** A file of a backfill with the time of its first line (LAST for standard input, for the only file, and for a file without a readable line). */
export interface Archived {
  readonly file: string;
  readonly source: Source;
  readonly start: Millis;
}

/**
 * Opens files and sorts them by the times of their first lines; standard input comes last. Rejects with SourceError for a file that cannot be
 * read at all. A file that is damaged at its very start is kept: reading it reports the damage.
 */
export async function oldestFirst(files: readonly string[], open: (file: string) => Source): Promise<readonly Archived[]> {
  const sources = [...new Set(files)].map((file) => ({ file, source: open(file) }));
  const archived: Archived[] = [];
  for (const { file, source } of sources) {
    const start = file === '-' || sources.length === 1 ? LAST : await startOf(source);
    archived.push({ file, source, start });
  }
  return archived.toSorted((one, other) => one.start - other.start);
}

async function startOf(source: Source): Promise<Millis> {
  try {
    for await (const { bytes, at, envelopes } of source.read(undefined, new AbortController().signal)) {
      const end = bytes.indexOf(0x0a);
      const first = envelopes?.open(0, end < 0 ? bytes.length : end);
      if (first?.at !== undefined) return first.at;
      return parseTimestamp(first?.text ?? bytes.toString('latin1', 0, 100), at)?.at ?? at;
    }
  } catch (thrown) {
    if (!(thrown instanceof DamagedError)) throw thrown;
  }
  return LAST;
}

/** The bytes of all files. Undefined when a file is compressed, is standard input, or cannot be examined; a later read reports the reason. */
export async function sizeOf(files: readonly string[]): Promise<number | undefined> {
  if (files.some((file) => file === '-' || /\.(?:gz|xz|zst|bz2)$/.test(file))) return undefined;
  try {
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    return undefined;
  }
}
