import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withDefaults } from '../../src/ledger/options.ts';
import { LEDGER_SCHEMA } from '../../src/ledger/tables/tables.ts';
import { Writing } from '../../src/ledger/writing.ts';
import { Store } from '../../src/lib/store/store.ts';
import { DAY, NOON } from '../support/decision/words.ts';
import { banned, LedgerFile } from '../support/ledger/file.ts';

let file: LedgerFile;
let store: Store;
let writing: Writing;
let written: number;

beforeEach(() => {
  file = new LedgerFile();
  written = 0;
  store = Store.open(file.path, { schemas: [LEDGER_SCHEMA], log: file.log });
  const options = withDefaults({ log: file.log, clock: () => file.now, hitRetention: DAY, offenceRetention: 2 * DAY });
  writing = new Writing(store, options, () => {
    written += 1;
  });
});
afterEach(() => {
  store.close();
  file.remove();
});

const bug = (): never => {
  throw new Error('a bug');
};

const batch = { verdicts: [banned('192.0.2.7')], cursors: [{ source: 'journal', cursor: '1' }] };
const rows = (): string =>
  file.shell('SELECT (SELECT count(*) FROM bans), (SELECT count(*) FROM hits), (SELECT count(*) FROM cursors)');

describe('Writing.batch', () => {
  it('writes hits, bans and cursor, and returns the result of the callback', () => {
    expect(writing.batch(batch, (bans) => bans.map((ban) => ban.network))).toEqual(['192.0.2.7/32']);
    expect([rows(), written]).toEqual(['1|1|1', 1]);
  });

  it('writes nothing when the callback throws, so that the lines are read again', () => {
    expect(() => writing.batch(batch, bug)).toThrow('a bug');
    expect([rows(), written]).toEqual(['0|0|0', 0]);
  });

  it('leaves out hits and offences older than the retention', () => {
    const verdicts = [
      banned('192.0.2.7', NOON - 1.5 * DAY),
      banned('192.0.2.8', NOON - 3 * DAY),
      banned('192.0.2.9', NOON - DAY / 2),
    ];
    writing.batch({ verdicts, cursors: [] }, () => {});
    expect(file.shell('SELECT address FROM hits')).toBe('192.0.2.9');
    expect(file.shell('SELECT network FROM offences ORDER BY network')).toBe('192.0.2.7/32\n192.0.2.9/32');
  });
});

describe('Writing.ends', () => {
  it('returns the ended bans, or ends no ban when the callback throws', () => {
    writing.batch(batch, () => {});
    const end = (): ReturnType<Writing['ends']> => writing.tables.bans.endWithin([undefined], NOON, Infinity);
    expect(() => writing.ends(() => (end(), bug()))).toThrow('a bug');
    expect(rows()).toBe('1|1|1');
    expect(writing.ends(end)).toHaveLength(1);
    expect(rows()).toBe('0|1|1');
  });
});

describe('Writing.purge', () => {
  it('deletes rows older than the retention, and leaves at most 256 free pages in the file', () => {
    const fields = { trap: 'x'.repeat(320), sender: 'x'.repeat(320), helo: 'x'.repeat(256) };
    const verdicts = Array.from({ length: 2500 }, (_, n) => {
      const verdict = banned(`10.0.${n >> 8}.${n & 255}`);
      return { ...verdict, hit: { ...verdict.hit, fields } };
    });
    writing.batch({ verdicts, cursors: [] }, () => {});
    const pages = Number(file.shell('PRAGMA page_count'));
    file.now += 3 * DAY;
    expect(writing.purge()).toBe(true);
    while (writing.purge());
    expect(file.shell('SELECT (SELECT count(*) FROM hits), (SELECT count(*) FROM offences)')).toBe('0|0');
    expect(Number(file.shell('PRAGMA freelist_count'))).toBeLessThanOrEqual(256);
    expect(Number(file.shell('PRAGMA page_count'))).toBeLessThan(pages / 2);
  });
});

/** A schema step that leaves work for later calls, which do it in slices. */
const step = (name: string, later: () => boolean) => ({ sql: `CREATE TABLE ${name} (cell)`, later });

describe('Writing.fill', () => {
  it('logs a step that throws in one line, and continues with the next step', () => {
    store.close();
    const slices: string[] = [];
    const bad = step('bad', bug);
    const good = step('good', () => slices.push('good') < 2);
    store = Store.open(file.path, { schemas: [LEDGER_SCHEMA, { room: 'pages', steps: [bad, good] }], log: file.log });
    writing = new Writing(store, withDefaults({ log: file.log, clock: () => file.now }), () => {});
    expect([writing.fill(), writing.fill(), writing.fill(), writing.fill()]).toEqual([true, true, false, false]);
    expect(slices).toEqual(['good', 'good']);
    expect(file.notices.filter((text) => text.includes('a bug'))).toEqual([
      'schema step "pages 1": a bug; its tables stay incomplete until the next start',
    ]);
  });

  it('does nothing for a new file, or after the file is closed', () => {
    expect(writing.fill()).toBe(false);
    store.close();
    expect(writing.fill()).toBe(false);
  });
});
