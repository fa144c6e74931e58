// Notices that `sources: auto` has found other sources than at the last start, such as the journal in place of a log file that is missing.
import { existsSync } from 'node:fs';
import type { Ledger } from '../../ledger/record.ts';
import type { Court } from '../../walk/court.ts';
import type { Log } from '../../words/ports.ts';

/** The key under which the ledger keeps, like a cursor, the names of the sources that `auto` found last. No source has this name. */
const FOUND = 'sources: auto';

/** The objects that `noteFound` uses. */
interface FoundPorts {
  readonly ledger: Pick<Ledger, 'cursor'>;
  readonly court: Pick<Court, 'judge'>;
  readonly log: Pick<Log, 'notice'>;
}

/** Logs a switch to other sources, and records the names. Throws LedgerError when the ledger cannot be read. */
export function noteFound(names: readonly string[], { ledger, court, log }: FoundPorts): void {
  const now = names.join(', ');
  const before = ledger.cursor(FOUND);
  if (before === now) return;
  if (before !== undefined) {
    const file = /^file:(.+)$/.exec(before)?.[1];
    const missing = file === undefined || existsSync(file) ? '' : ` because ${file} does not exist`;
    log.notice(`sources: ${now} is followed now${missing}, until now it was ${before}; to keep one source, set "sources"`);
  }
  court.judge([], { source: FOUND, cursor: now });
}
