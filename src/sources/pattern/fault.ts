// Finds out why logs of a pattern are not read, for `status`.
import { opendirSync } from 'node:fs';
import { errnoOf } from '../../errors.ts';
import { printable } from '../../lib/text/printable.ts';
import type { SourceState } from '../../words/walk.ts';

/** The logs of a pattern. */
export interface Seen {
  /** The number of logs that exist and can be read. */
  readonly present: number;
  /** The number of logs that cannot be read. */
  readonly closed: number;
  /** The last error about a log that cannot be read, with its path. */
  readonly error: string | undefined;
}

/** Returns the reason why some or all logs of a pattern are not read. The result is empty when all logs are read. */
export function faultOfPattern(
  pattern: string,
  { present, closed, error = 'cannot be read' }: Seen,
): Pick<SourceState, 'fault' | 'blind'> {
  if (closed > 0) {
    const fault = closed === 1 ? error : `${printable(pattern)}: ${closed} logs cannot be read; the last error: ${error}`;
    return present === 0 ? { fault, blind: true } : { fault };
  }
  if (present > 0) return {};
  const folder = closedFolder(pattern);
  if (folder === undefined) return { fault: `${printable(pattern)}: matches no file yet` };
  return {
    fault: `${printable(folder)}: permission denied, list it as root or as a member of its group (adm on Debian)`,
    blind: true,
  };
}

/** The folder in front of the first wildcard, if this user may not list it. */
function closedFolder(pattern: string): string | undefined {
  const fixed = pattern.slice(0, pattern.search(/[*?[\]{}()!+@|]/));
  const folder = fixed.slice(0, fixed.lastIndexOf('/')) || '/';
  try {
    opendirSync(folder).closeSync();
    return undefined;
  } catch (thrown) {
    return errnoOf(thrown) === 'EACCES' ? folder : undefined;
  }
}
