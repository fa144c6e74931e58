// Recognises packed logs and unpacks them: gzip in this process, other forms with programs of the system. Files outside this folder import
// only this file.
import type { Form } from './forms.ts';
import { GZIP_INPUT, inflate } from './gzip.ts';
import { unpackWith } from './program.ts';

export { formOf, isTar, LONGEST_MAGIC, TAR, TAR_HEADER, type Form } from './forms.ts';

/** The size of one read in bytes, for a program that cannot read the file itself. */
const PIECE = 1_048_576;

/**
 * Packed bytes. `read` yields them in pieces of at most `size` bytes. A program can instead inherit the open `file`, and read from its
 * current offset.
 */
export interface Packed {
  readonly file?: number;
  readonly read: (size: number) => AsyncIterable<Buffer>;
}

/**
 * Yields the unpacked bytes in chunks of at most 1 MiB, each valid until the next chunk is requested. If the log is truncated or damaged,
 * the bytes before that place are yielded, and then a DamagedError is thrown. `where` names the log in messages.
 */
export function unpack(form: Form, where: string, { file, read }: Packed): AsyncGenerator<Buffer> {
  if (!form.program) return inflate(where, read(GZIP_INPUT));
  return unpackWith(form.program, where, file ?? read(PIECE));
}
