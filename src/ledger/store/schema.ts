// The tables of the ledger and their versions. A store of an older version is brought up to date, one of a newer version is left alone.
import { LedgerError } from '../../errors.ts';
import type { Database } from './driver.ts';

/** Marks a database file as a ledger of this program: `TRAP` (sqlite.org/fileformat2.html, application id). */
const APPLICATION_ID = 0x54524150;

/**
 * Steps from each schema version to the next; the first makes an empty file version 1. Never edited once released, only added to. Times
 * are milliseconds since 1970; in the sqlite3 shell: `datetime(since / 1000, 'unixepoch')`. `first` and `last` are the ends of a
 * network as text that sorts like addresses.
 */
export const STEPS: readonly string[] = [
  `
  CREATE TABLE bans (            -- in force; until NULL: for ever
    network TEXT NOT NULL,
    jail TEXT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    offence INTEGER NOT NULL,
    origin TEXT NOT NULL,
    reason TEXT NOT NULL,
    forced INTEGER NOT NULL,
    UNIQUE (jail, network)
  );
  CREATE INDEX bans_range ON bans (first, last);
  CREATE INDEX bans_until ON bans (until);
  CREATE TABLE offences (        -- every ban, in force or over; until: when it ended or will
    id INTEGER PRIMARY KEY,
    network TEXT NOT NULL,
    jail TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    offence INTEGER NOT NULL,
    origin TEXT NOT NULL,
    reason TEXT NOT NULL
  );
  CREATE INDEX offences_network ON offences (network, jail, since, until, offence); -- all that a look-up asks for
  CREATE INDEX offences_until ON offences (until);
  CREATE TABLE hits (            -- verdict: spare, watch, held, ban; network: what was judged
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    key TEXT NOT NULL,
    jail TEXT NOT NULL,
    rule TEXT NOT NULL,
    verdict TEXT NOT NULL,
    address TEXT NOT NULL,
    network TEXT,
    trap TEXT,
    sender TEXT,
    helo TEXT,
    queue_id TEXT
  );
  CREATE INDEX hits_at ON hits (at);
  CREATE INDEX hits_key ON hits (key, jail);
  CREATE TABLE tallies (         -- how many rows of hits there are
    jail TEXT NOT NULL,
    verdict TEXT NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (jail, verdict)
  ) WITHOUT ROWID;
  CREATE TABLE cursors (         -- where reading goes on
    source TEXT PRIMARY KEY,
    cursor TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
];

/**
 * The schema version of a database: 0 for an empty one. Throws LedgerError when it belongs to another program, or to a newer Trapline;
 * reads only.
 */
export function versionOf(database: Database, path: string, steps: readonly string[] = STEPS): number {
  const version = numberOf(database, 'user_version');
  const application = numberOf(database, 'application_id');
  const empty = database.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get([]) === undefined;
  if (empty && version === 0) return 0;
  if (application !== APPLICATION_ID) {
    throw new LedgerError(`${path}: a database of another program, name another file for the ledger; nothing was changed`);
  }
  if (version > steps.length) {
    throw new LedgerError(
      `${path}: written by a newer Trapline (schema ${version}, this one knows ${steps.length}), upgrade; nothing was changed`,
    );
  }
  return version;
}

/**
 * Brings a database to the newest schema in one transaction and returns the version that it had before. Throws LedgerError as
 * `versionOf` does, and what the engine throws; then nothing is changed.
 */
export function migrate(database: Database, path: string, steps: readonly string[] = STEPS): number {
  if (versionOf(database, path, steps) === steps.length) return steps.length;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Asked again inside the transaction: another program may just have done it.
    const before = versionOf(database, path, steps);
    for (const step of steps.slice(before)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${steps.length}; COMMIT`);
    return before;
  } catch (thrown) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw thrown;
  }
}

function numberOf(database: Database, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get([])?.[pragma]);
}
