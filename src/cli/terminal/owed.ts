// Reports bans and unbans that are recorded, but that a firewall has not carried out.
import { ActionError } from '../../errors.ts';
import type { BanRow } from '../../words/desk.ts';
import { counted, nameOf } from './print.ts';

/** The message names at most this number of networks. */
const MOST_NAMED = 10;

/** The words about new bans, and about lifted bans. */
const WORDS = {
  bans: 'recorded, not in force',
  lifted: 'recorded, not removed from the firewall yet',
} as const;

/**
 * Throws ActionError (exit code 69) when a firewall has not carried out some of the rows. The message has the reason for the first of these
 * rows. Call this after the rows were printed. The rows of an older daemon have no marks, so they count as carried out.
 */
export function refuseOwed(rows: readonly BanRow[], kind: keyof typeof WORDS): void {
  const owed = rows.filter((row) => row.owed !== undefined);
  const [first] = owed;
  if (first?.owed === undefined) return;
  const named = owed.length > MOST_NAMED ? `${counted(owed.length, 'ban')} of ${rows.length}` : owed.map(nameOf).join(', ');
  throw new ActionError(`${named}: ${WORDS[kind]}: ${first.owed}; it is tried again until it succeeds`);
}
