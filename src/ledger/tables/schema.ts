// The schema of the ledger as numbered steps. Times are milliseconds since 1970. The sqlite3 shell shows a time with
// `datetime(since / 1000, 'unixepoch')`. `first` and `last` are the ends of a network as text that sorts like addresses.
import type { Schema } from '../../lib/store/migrate.ts';

/** Bans, offences, hits, tallies and cursors, as release 0.1.0 made them. */
const RELEASE_0_1_0 = `
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
  `;

/** The index that finds all hits of one client, newest or oldest first. Its creation takes about a second for a million hits. */
const HITS_OF_A_CLIENT = 'CREATE INDEX hits_address ON hits (address, at)';

/** The table that records whether the tables of each rider include every hit. Incomplete tables are rebuilt from hits at the next start. */
const RIDERS = `
  CREATE TABLE riders (          -- complete 0: its tables lack hits
    rider TEXT PRIMARY KEY,
    complete INTEGER NOT NULL
  ) WITHOUT ROWID;
  `;

/** The schema of the ledger. */
export const LEDGER_SCHEMA: Schema = {
  room: 'ledger',
  steps: [{ sql: RELEASE_0_1_0 }, { sql: HITS_OF_A_CLIENT }, { sql: RIDERS }],
};
