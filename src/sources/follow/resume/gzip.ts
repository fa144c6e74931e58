// Resumes a log whose file was compressed meanwhile: finds the place of the cursor in gzip files, and reads the lines after it.
import { SourceError } from '../../../errors.ts';
import type { Clock } from '../../../words/ports.ts';
import { WholeLines } from '../../lines.ts';
import { openChunks } from '../../old/log.ts';
import { fingerprintOf, lastOf, Place, type Cursor } from '../place.ts';
import type { Lines } from '../progress.ts';
import { rotatedPaths, statOf } from '../rotation.ts';

/** Only this number of the newest gzip files is searched, and no file of more than LARGEST bytes. */
const MOST_SEARCHED = 5;
const LARGEST = 67_108_864;

/**
 * Finds the gzip files with unread lines, the oldest first. The first file holds the place of the cursor. When no file holds this place,
 * returns [].
 */
export async function pathsFrom(path: string, cursor: Cursor): Promise<readonly string[]> {
  const newestFirst = newestOf(rotatedPaths(path, true).filter((name) => name.endsWith('.gz')));
  for (const [index, name] of newestFirst.entries()) {
    if (await holds(name, cursor)) return newestFirst.slice(0, index + 1).toReversed();
  }
  return [];
}

function newestOf(paths: readonly string[]): string[] {
  return paths
    .map((path) => ({ path, stats: statOf(path) }))
    .flatMap(({ path, stats }) => (stats?.isFile() && stats.size <= LARGEST ? [{ path, modified: Number(stats.mtimeMs) }] : []))
    .toSorted((one, other) => other.modified - one.modified || (one.path < other.path ? -1 : 1))
    .slice(0, MOST_SEARCHED)
    .map(({ path }) => path);
}

/** True when the bytes of a file right before the offset of the cursor have the fingerprint of the cursor. */
async function holds(path: string, cursor: Cursor): Promise<boolean> {
  let offset = 0;
  let recent: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of await openChunks(path)) {
      const before = chunk.subarray(0, cursor.offset - offset);
      recent = lastOf(recent, before);
      offset += before.length;
      if (offset === cursor.offset) return fingerprintOf(recent) === cursor.fingerprint;
    }
  } catch {
    // The file is still being written, is damaged, or may not be read. Reading cannot resume in it.
  }
  return false;
}

/** The clock and the callbacks for reading gzip files. */
export interface GzipPorts {
  readonly clock: Clock;
  /** Called for each line that is too long to be kept whole. */
  readonly cut: () => void;
  /** Called with a text for the operator when a file cannot be read to its end. Its lines before the damage are used. */
  readonly damaged: (text: string) => void;
}

/** Yields the lines of these gzip files after the place of a cursor. The first of the files holds that place. */
export async function* linesAfter(
  paths: readonly string[],
  cursor: Cursor,
  { clock, cut, damaged }: GzipPorts,
): AsyncGenerator<Lines> {
  let skip = cursor.offset;
  for (const path of paths) {
    const place = new Place();
    const lines = new WholeLines(cut);
    for await (const chunk of untilDamage(path, damaged)) {
      const read = chunk.subarray(0, Math.max(0, skip - place.offset));
      place.advance(read);
      const newBytes = chunk.subarray(read.length);
      const parts = lines.feed(newBytes);
      const after = place.cursor(cursor, newBytes, newBytes.lastIndexOf(0x0a) + 1, clock());
      place.advance(newBytes);
      if (parts.length > 0) yield { bytes: Buffer.concat(parts), cursor: after };
    }
    const last = lines.flush();
    if (last) yield { bytes: last, cursor: place.cursor(cursor, Buffer.alloc(0), 0, clock()) };
    skip = 0;
  }
}

/** Yields the unpacked bytes of a file up to its end or its damage. The damage is only reported, so that the files after this file are read too. */
async function* untilDamage(path: string, damaged: (text: string) => void): AsyncGenerator<Buffer> {
  try {
    yield* await openChunks(path);
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) throw thrown;
    damaged(`${thrown.message}; its other lines are lost`);
  }
}
