// Reads an old log line by line.
import { openArchive, type ArchiveOptions } from '../../../src/sources/archive.ts';
import { eachLine } from '../../../src/sources/lines.ts';
import type { Millis } from '../../../src/words/ports.ts';

/** One line of a log, or one line of a journal. */
export interface LogRecord {
  /** The number of the line, counted from 1. */
  readonly line: number;
  /** The line with its newline. Undefined for an empty line, and for a line of a journal that is no entry of Postfix. */
  readonly bytes: Buffer | undefined;
  /** See `at` of Batch. */
  readonly at: Millis;
}

/** Yields every line of a log in order. Throws a SourceError as Archive does. */
export async function* readRecords(path: string, options: ArchiveOptions): AsyncGenerator<LogRecord> {
  let line = 0;
  const archive = openArchive(path, { ...options, numbered: true });
  for await (const { bytes, at } of archive.read(undefined, new AbortController().signal)) {
    for (const record of eachLine(bytes)) {
      line += 1;
      yield { line, bytes: record.length > 1 ? Buffer.from(record) : undefined, at };
    }
  }
}
