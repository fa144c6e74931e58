// Reads the journal export format (systemd's docs/JOURNAL_EXPORT_FORMATS.md): a line `NAME=VALUE` for each field, or a line `NAME`, 64 bits with
// the size of the value (little endian), the value and a newline. An empty line ends an entry.

/** The names of the fields that are kept. The values of all other fields are skipped. */
const KEPT =
  /^(?:__CURSOR|__REALTIME_TIMESTAMP|MESSAGE|SYSLOG_IDENTIFIER|SYSLOG_PID|PRIORITY|_PID|_UID|_COMM|_EXE|_HOSTNAME|_SOURCE_REALTIME_TIMESTAMP|_SYSTEMD_UNIT|CONTAINER_[A-Z_]{1,32})$/;

const NAME = /^[A-Z0-9_]{1,64}$/;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const SIZE_BYTES = 8;

/** The largest field that a journal can hold (DATA_SIZE_MAX of systemd's journal-importer.h). */
const LARGEST = 805_306_368n;

/** Turns an export into lines. Each line is an entry as `journalctl --output=json` prints it, with the fields that Trapline needs. */
export class ExportEntries {
  readonly #limit: number;
  readonly #damaged: (offset: number) => Error;
  #rest = Buffer.alloc(0);
  /** The offset of `#rest` in the log. */
  #offset = 0;
  /** The number of bytes of a value that are still to be skipped. */
  #skip = 0;
  #fields = new Map<string, unknown>();
  /** The bytes of the fields of the entry so far. */
  #size = 0;

  /**
   * `limit`: the longest line of a field in bytes, and the largest size of the kept fields of an entry. Of a larger entry, nothing is kept. A
   * value with a size is skipped if it is longer than a quarter of `limit`. `damaged`: makes the error for a log that is no export behind this
   * offset.
   */
  constructor(limit: number, damaged: (offset: number) => Error) {
    this.#limit = limit;
    this.#damaged = damaged;
  }

  /** Returns the entries that this chunk completes. Throws the error of `damaged`. */
  feed(chunk: Buffer): Buffer {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    const bytes = Buffer.concat([this.#rest, chunk.subarray(skipped)]);
    this.#offset += skipped;
    const entries: string[] = [];
    let start = 0;
    while (this.#skip === 0) {
      const next = this.#field(bytes, start, entries);
      if (next === undefined) break;
      this.#skip = Math.max(0, next - bytes.length);
      start = Math.min(next, bytes.length);
    }
    this.#offset += start;
    this.#rest = Buffer.from(bytes.subarray(start));
    if (this.#rest.length > this.#limit + 1 + SIZE_BYTES) throw this.#damaged(this.#offset);
    return Buffer.from(entries.join(''));
  }

  /** Returns nothing: an entry without an empty line behind it may have been cut. */
  flush(): Buffer {
    return Buffer.alloc(0);
  }

  /** Reads the field at an offset, and returns the offset behind it, which may lie behind the chunk; undefined for a field that is not complete. */
  #field(bytes: Buffer, start: number, entries: string[]): number | undefined {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0) return undefined;
    if (newline === start) {
      if (this.#fields.size > 0) entries.push(`${JSON.stringify(Object.fromEntries(this.#fields))}\n`);
      this.#fields = new Map();
      this.#size = 0;
      return start + 1;
    }
    // The equals sign is searched for in this line only: in a log without one, each search would read all that follows.
    const line = bytes.subarray(start, newline);
    const equals = line.indexOf(EQUALS);
    const name = line.toString('latin1', 0, equals < 0 ? line.length : equals);
    if (!NAME.test(name)) throw this.#damaged(this.#offset + start);
    if (equals >= 0) {
      this.#keep(name, line.subarray(equals + 1));
      return newline + 1;
    }
    const from = newline + 1 + SIZE_BYTES;
    if (from > bytes.length) return undefined;
    const size = bytes.readBigUInt64LE(newline + 1);
    if (size > LARGEST) throw this.#damaged(this.#offset + start);
    const end = from + Number(size);
    if (!KEPT.test(name) || size > BigInt(this.#limit / 4)) return end + 1;
    if (end >= bytes.length) return undefined;
    if (bytes[end] !== NEWLINE) throw this.#damaged(this.#offset + end);
    this.#keep(name, bytes.subarray(from, end));
    return end + 1;
  }

  /** Keeps the value of a field. A field that occurs twice becomes null, which never counts as a value, like a list in the format `json`. */
  #keep(name: string, bytes: Buffer): void {
    if (!KEPT.test(name)) return;
    this.#size += name.length + bytes.length;
    if (this.#size > this.#limit) this.#fields.clear();
    else this.#fields.set(name, this.#fields.has(name) ? null : valueOf(bytes));
  }
}

/** A text or, for bytes that are no UTF-8, a list of bytes. */
function valueOf(bytes: Buffer): string | readonly number[] {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : [...bytes];
}
