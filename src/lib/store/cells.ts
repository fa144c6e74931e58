// Reads cells that another program or a damaged page may hold. libsql (0.5.29) aborts the whole process when it reads text that is not UTF-8,
// and ends a text at its first NUL.

/** The SQL condition for a text that has to be read as bytes, which `textOf` decodes: it is not printable ASCII, or contains a NUL. */
const isOdd = (text: string, whole: string): string =>
  `${text} GLOB '*[^ -~]*' OR length(${whole}) <> length(CAST(${whole} AS BLOB))`;

/**
 * The SQL that reads a column whose cells may have any type. Text is cut after `longest` characters; -1 keeps all of it. A cell with bytes is
 * read as -Infinity, which is no valid value of any column.
 */
export function cell(column: string, { as = column, longest = 1000 }: { as?: string; longest?: number } = {}): string {
  const text = longest < 0 ? column : `substr(${column}, 1, ${longest})`;
  const read = `CASE WHEN ${isOdd(text, column)} THEN CAST(${text} AS BLOB) ELSE ${text} END`;
  return `CASE typeof(${column}) WHEN 'text' THEN ${read} WHEN 'blob' THEN -9e999 ELSE ${column} END AS ${as}`;
}

/**
 * SQL for the number in a column that only holds numbers or NULL. Any other value is read as -Infinity. It costs less than `cell`: in SQLite every
 * number is less than every text and every BLOB (sqlite.org/datatype3.html, section 4.1).
 */
export function numeric(column: string): string {
  return `CASE WHEN ${column} < '' THEN ${column} WHEN ${column} IS NOT NULL THEN -9e999 END`;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a cell that was read with `cell`. Undefined: it holds no text, or text that is not UTF-8. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  try {
    return isBytes(value) ? decoder.decode(value) : undefined;
  } catch {
    return undefined;
  }
}

/** The cell as text for a message. */
export function shownOf(value: unknown): string {
  return isBytes(value) ? new TextDecoder().decode(value) : String(value);
}

/** libsql reads bytes as an ArrayBuffer, better-sqlite3 as a Buffer. */
function isBytes(value: unknown): value is ArrayBuffer | Uint8Array<ArrayBuffer> {
  return value instanceof ArrayBuffer || value instanceof Uint8Array;
}
