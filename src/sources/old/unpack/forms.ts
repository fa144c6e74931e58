// The forms in which old logs are packed, recognised by their first bytes, never by name.
import type { Program } from './program.ts';

/** A form of packing. */
export interface Form {
  readonly name: string;
  /** The program that unpacks this form. Absent for gzip, which needs no program, and for a form that is refused. */
  readonly program?: Program;
  /** For a form that is refused: the command that prints the contents of a file, without the name of the file. */
  readonly refused?: string;
}

/** The number of bytes that `formOf` needs. */
export const LONGEST_MAGIC = 8;

const ZSTD: Form = { name: 'zstd', program: { name: 'zstd', words: ['-dc'], package: 'zstd' } };

/** The first bytes of each form: RFC 1952 for gzip, RFC 8878 for zstd (pzstd begins with a skippable frame), magic(5) for all other forms. */
const FORMS: readonly (readonly [magic: Buffer, form: Form])[] = [
  [Buffer.from([0x1f, 0x8b]), { name: 'gzip' }],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), ZSTD],
  [Buffer.from([0x50, 0x2a, 0x4d, 0x18]), ZSTD],
  [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), { name: 'xz', program: { name: 'xz', words: ['-dc'], package: 'xz-utils' } }],
  [Buffer.from('BZh'), { name: 'bzip2', program: { name: 'bzip2', words: ['-dc'], package: 'bzip2' } }],
  [Buffer.from([0x04, 0x22, 0x4d, 0x18]), { name: 'lz4', program: { name: 'lz4', words: ['-dc'], package: 'lz4' } }],
  [Buffer.from('LZIP'), { name: 'lzip', program: { name: 'lzip', words: ['-dc'], package: 'lzip' } }],
  // gzip(1) unpacks files of compress(1); zlib does not.
  [Buffer.from([0x1f, 0x9d]), { name: 'compress', program: { name: 'gzip', words: ['-dc'], package: 'gzip' } }],
  [Buffer.from('PK\u0003\u0004'), { name: 'zip', refused: 'unzip -p' }],
  [Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), { name: '7z', refused: '7z x -so' }],
  [Buffer.from('Rar!\u001a\u0007'), { name: 'rar', refused: 'unrar p -inul' }],
  [Buffer.from([0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a]), { name: 'lzop', refused: 'lzop -dc' }],
  [Buffer.from('LPKSHHRH'), { name: 'a journal file', refused: 'journalctl --output=json --file' }],
];

/** A tar archive, packed or not. It holds several files, each behind a header that would hide the first line of the file. */
export const TAR: Form = { name: 'tar', refused: 'tar -xOf' };

/** The size of the header of a member in a tar archive in bytes. */
export const TAR_HEADER = 512;

/** Where the header has its check sum: eight bytes, which count as blanks in the sum. */
const SUM_START = 148;
const SUM_END = 156;

/**
 * True when a file starts with the header of a tar archive: the sum of its bytes is the sum that the header states. Every kind of tar has this
 * sum, but not every kind has the word "ustar" (tar(5) of libarchive).
 */
export function isTar(start: Buffer): boolean {
  if (start.length < TAR_HEADER || start[0] === 0) return false;
  const written = /^ *([0-7]{1,7})[ \0]/.exec(start.toString('latin1', SUM_START, SUM_END))?.[1];
  if (written === undefined) return false;
  let sum = 0;
  for (let at = 0; at < TAR_HEADER; at += 1) sum += at >= SUM_START && at < SUM_END ? 0x20 : (start[at] ?? 0);
  return sum === Number.parseInt(written, 8);
}

/** The form of a file that starts with these bytes; undefined for text, and for any form that is not in the list. */
export function formOf(start: Buffer): Form | undefined {
  return FORMS.find(([magic]) => start.subarray(0, magic.length).equals(magic))?.[1];
}
