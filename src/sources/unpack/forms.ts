// What an old log is packed in, told by its first bytes, never by its name.
import type { Program } from './program.ts';

/** A form of packing. */
export interface Form {
  readonly name: string;
  /** What unpacks it from standard input to standard output; absent for gzip, which needs no program, and for what is refused. */
  readonly program?: Program;
  /** For a form that is refused: the words that print what is inside. */
  readonly refused?: string;
}

/** How many bytes `formOf` looks at. */
export const LONGEST_MAGIC = 8;

const ZSTD: Form = { name: 'zstd', program: { name: 'zstd', words: ['-dc'], package: 'zstd' } };

/** RFC 1952 for gzip, RFC 8878 for zstd (pzstd begins with a frame to be skipped), file(1) for the others. */
const FORMS: readonly (readonly [magic: Buffer, form: Form])[] = [
  [Buffer.from([0x1f, 0x8b, 0x08]), { name: 'gzip' }],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), ZSTD],
  [Buffer.from([0x50, 0x2a, 0x4d, 0x18]), ZSTD],
  [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), { name: 'xz', program: { name: 'xz', words: ['-dc'], package: 'xz-utils' } }],
  [Buffer.from('BZh'), { name: 'bzip2', program: { name: 'bzip2', words: ['-dc'], package: 'bzip2' } }],
  [Buffer.from([0x04, 0x22, 0x4d, 0x18]), { name: 'lz4', program: { name: 'lz4', words: ['-dc'], package: 'lz4' } }],
  // gzip(1) unpacks what compress(1) packed, zlib does not.
  [Buffer.from([0x1f, 0x9d]), { name: 'compress', program: { name: 'gzip', words: ['-dc'], package: 'gzip' } }],
  [Buffer.from('PK\u0003\u0004'), { name: 'zip', refused: 'unzip -p' }],
  [Buffer.from('LPKSHHRH'), { name: 'a journal file', refused: 'journalctl --output=json --file' }],
];

/** The form of a file that starts with these bytes; undefined: text, or nothing that is known. */
export function formOf(start: Buffer): Form | undefined {
  return FORMS.find(([magic]) => start.subarray(0, magic.length).equals(magic))?.[1];
}
