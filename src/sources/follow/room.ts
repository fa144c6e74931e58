// How much of a log is read at a time: as much as can be dealt with before others have waited too long for their turn.

/** A read takes so many bytes when there is little to read. */
export const SMALL_READ = 65_536;

const LARGE_READ = 1_048_576;

/** Milliseconds that dealing with one read should take at most: expiry, firewall and control wait meanwhile. */
const LONGEST_TURN = 100;

/** How many bytes to read next, when the last so many took so long (milliseconds) to deal with: 64, 128, ... 1024 KiB. */
export function roomAfter(bytes: number, took: number): number {
  const affordable = (bytes * LONGEST_TURN) / Math.max(took, Number.EPSILON);
  let room = SMALL_READ;
  while (room < LARGE_READ && room * 2 <= affordable) room *= 2;
  return room;
}
