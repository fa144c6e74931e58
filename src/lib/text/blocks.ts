// Reads a file in blocks of whole lines. So a large file is parsed without the whole text in memory.
import { readSync } from 'node:fs';

/** The size of a block in bytes. A block with a longer line is as large as the line needs. */
const BLOCK = 65_536;

/**
 * Reads an open file from its position, at most `limit` bytes. Each block ends with a newline, except the last block, which may end within a
 * line. A block is valid until the next block is read. Throws the errors of read(2).
 */
export function* lineBlocks(file: number, limit: number): Generator<Buffer, void> {
  let buffer = Buffer.allocUnsafeSlow(BLOCK);
  /** The number of bytes in the buffer. They begin a line whose end has not been read. */
  let held = 0;
  for (let left = limit; ;) {
    if (held === buffer.length) {
      const larger = Buffer.allocUnsafeSlow(held * 2);
      buffer.copy(larger);
      buffer = larger;
    }
    const count = readSync(file, buffer, held, Math.min(left, buffer.length - held), null);
    if (count === 0) break;
    left -= count;
    const end = buffer.subarray(held, held + count).lastIndexOf(0x0a) + held + 1;
    held += count;
    if (end === held - count) continue;
    yield buffer.subarray(0, end);
    buffer.copyWithin(0, end, held);
    held -= end;
  }
  if (held > 0) yield buffer.subarray(0, held);
}
