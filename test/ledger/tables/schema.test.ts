import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../../src/errors.ts';
import { LEDGER_SCHEMA } from '../../../src/ledger/tables/schema.ts';
import { HOUR, network, NOON } from '../../support/decision/words.ts';
import { banned, LedgerFile, pastOf } from '../../support/ledger/file.ts';
import { addHits } from '../../support/ledger/million.ts';

let file: LedgerFile;

beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    return thrown instanceof LedgerError ? thrown.message.replaceAll(file.folder, 'FOLDER') : String(thrown);
  }
  return 'no fault';
};

describe('the schema of the ledger', () => {
  it('has the published steps unchanged, because an edited step would not change existing files', () => {
    const hashes = LEDGER_SCHEMA.steps.map(({ sql }) => createHash('sha256').update(sql).digest('hex').slice(0, 16));
    expect(hashes).toEqual(['b63cc89456c4c9b4', '56946a5f9e137efe', '385e9def4c0db268']);
  });

  it('lets SQLite read the hits of a client in the order of time without sorting', () => {
    file.open();
    const plan = file.shell("EXPLAIN QUERY PLAN SELECT * FROM hits WHERE address = '192.0.2.7' ORDER BY at DESC");
    expect(plan).toContain('USING INDEX hits_address');
    expect(plan).not.toContain('TEMP B-TREE');
  });
});

const RELEASES = resolve(import.meta.dirname, '../../fixtures/releases');

describe.each(readdirSync(RELEASES))('the ledger of release %s', (release) => {
  beforeEach(() => copyFileSync(join(RELEASES, release, 'trapline.db'), file.path));

  it.each(['write', 'read', 'rehearse'] as const)('keeps every ban when it is opened with access "%s"', (access) => {
    expect(file.open({ access }).standing.list()).toEqual([
      {
        network: '192.0.2.1/32',
        jail: 'redirect',
        since: NOON,
        until: NOON + 2 * HOUR,
        offence: 1,
        origin: 'log',
        reason: 'recipient',
      },
      {
        network: '192.0.2.1/32',
        jail: 'spamtrap',
        since: NOON,
        until: NOON + 16 * HOUR,
        offence: 2,
        origin: 'log',
        reason: 'recipient',
      },
      { network: '192.0.2.2/32', jail: 'spamtrap', since: NOON, until: null, offence: 1, origin: 'log', reason: 'recipient' },
      {
        network: '203.0.113.0/24',
        jail: 'manual',
        since: NOON,
        until: null,
        offence: 1,
        origin: 'hand',
        reason: 'enough',
        forced: true,
      },
      {
        network: '2001:db8::/64',
        jail: 'spamtrap',
        since: NOON,
        until: NOON + HOUR,
        offence: 1,
        origin: 'log',
        reason: 'recipient',
      },
    ]);
  });

  it('keeps every hit, offence and cursor', () => {
    const ledger = file.open();
    expect(ledger.counts()).toEqual({
      bans: 5,
      hits: 8,
      jails: {
        spamtrap: { hits: 7, bans: 3, spared: 1 },
        redirect: { hits: 1, bans: 1, spared: 0 },
        manual: { hits: 0, bans: 1, spared: 0 },
      },
    });
    expect(pastOf(ledger, network('192.0.2.1/32'), 'spamtrap')).toEqual({
      bannedUntil: NOON + 16 * HOUR,
      lastOffence: NOON,
      offences: 2,
    });
    expect(['file:/var/log/mail.log', 'journal'].map((source) => ledger.cursor(source))).toEqual(['{"offset":4711}', 's=1;i=2']);
    expect(ledger.recentHits('spamtrap', NOON - HOUR).map(({ address }) => address)).toEqual(['192.0.2.9']);
    expect(file.shell("SELECT trap, helo FROM hits WHERE verdict = 'spare'")).toBe('tr\u00E4p@example.com|a\uFFFDb');
  });

  it('can record bans and end bans', () => {
    const ledger = file.open();
    expect(ledger.recordStrictly([banned('192.0.2.7', NOON, { until: null })]).bans).toHaveLength(1);
    file.now += HOUR;
    expect(ledger.expired().map((ban) => ban.network)).toEqual(['2001:db8::/64']);
    expect(file.reopen().standing.list()).toHaveLength(5);
  });

  it('keeps all of a million hits, and gets the index of the newest schema', () => {
    addHits(file.path, 1_000_000, NOON);
    const ledger = file.open();
    expect(ledger.counts().hits).toBe(1_000_008);
    expect(file.shell('SELECT count(*) FROM hits INDEXED BY hits_address WHERE address > 0')).toBe('1000008');
    expect(ledger.standing.list()).toHaveLength(5);
  });
});

describe('Ledger.open', () => {
  it('opens a file with the first schema that another program has created', () => {
    file.shell(`
      ${LEDGER_SCHEMA.steps[0]?.sql}
      INSERT INTO bans VALUES ('192.0.2.7/32', 'spamtrap', '4000000000000000000000000c0000207', '4000000000000000000000000c0000207',
        ${NOON}, NULL, 3, 'log', 'recipient', 0);
      PRAGMA application_id = 1414676816; PRAGMA user_version = 1;`);
    expect(file.open().standing.list()).toMatchObject([{ network: '192.0.2.7/32', until: null, offence: 3 }]);
    expect(file.notices).toEqual([`${file.path}: brought from schema 1 to ${LEDGER_SCHEMA.steps.length}`]);
  });

  it.each(['write', 'read', 'rehearse'] as const)(
    'refuses a file of a newer version, and does not change the file (%s)',
    (access) => {
      file.open().recordStrictly([banned('192.0.2.7')]);
      file.close();
      file.shell('PRAGMA user_version = 9');
      expect(faultOf(() => file.open({ access }))).toBe(
        `FOLDER/trapline.db: written by a newer Trapline (schema 9, this program knows ${LEDGER_SCHEMA.steps.length}), upgrade; nothing was changed`,
      );
      expect(file.shell('PRAGMA user_version; SELECT count(*) FROM bans')).toBe('9\n1');
    },
  );

  it.each(['write', 'read', 'rehearse'] as const)(
    'refuses the database of another program, and does not change the database (%s)',
    (access) => {
      file.shell('CREATE TABLE accounts (name TEXT); PRAGMA user_version = 1');
      expect(faultOf(() => file.open({ access }))).toBe(
        'FOLDER/trapline.db: a database of another program, name another file for the ledger; nothing was changed',
      );
      expect(file.shell('SELECT name FROM sqlite_master; PRAGMA journal_mode; PRAGMA application_id')).toBe('accounts\ndelete\n0');
    },
  );
});
