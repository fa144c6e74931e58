// Chooses the size of the next read of a log. While the lines of a read are processed, unbans, firewall and control socket have to wait.

/** The size of a read (bytes) while there is little to read. */
export const SMALL_READ = 65_536;

const LARGE_READ = 1_048_576;

/** The longest time in milliseconds that processing the lines of one read should take. */
const LONGEST_TURN = 100;

/**
 * Returns the size of the next read: 64, 128, 256, 512 or 1024 KiB. The last read had `bytes` bytes, and processing them took `took`
 * milliseconds.
 */
export function readSizeAfter(bytes: number, took: number): number {
  const affordable = (bytes * LONGEST_TURN) / Math.max(took, Number.EPSILON);
  let size = SMALL_READ;
  while (size < LARGE_READ && size * 2 <= affordable) size *= 2;
  return size;
}
