import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cell, numeric, shownOf, textOf } from '../../../src/lib/store/cells.ts';
import { openDatabase } from '../../../src/lib/store/driver.ts';
import { LedgerFile } from '../../support/ledger/file.ts';

let file: LedgerFile;
beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

/** The cell of a table with this value of SQL, as `cell` reads it. */
function read(value: string, longest?: number): unknown {
  return select(value, cell('it', longest === undefined ? {} : { longest }));
}

/** The result of an expression of SQL over the cell of a table with this value. */
function select(value: string, expression: string, type = ''): unknown {
  file.shell(`CREATE TABLE cells (it ${type}); INSERT INTO cells VALUES (${value})`);
  const database = openDatabase(file.path);
  try {
    return database.prepare(`SELECT ${expression} FROM cells`).get([])?.['it'];
  } finally {
    database.close();
  }
}

describe('a cell', () => {
  it.each<[value: string, found: unknown]>([
    ["'plain'", 'plain'],
    ["''", ''],
    ["'größer 日本'", 'größer 日本'],
    ["'a' || char(10) || 'b'", 'a\nb'],
    ["CAST(x'67fcfe' AS TEXT)", undefined],
    ["CAST(x'eda080' AS TEXT)", undefined],
    ["x'4142'", undefined],
    ['7', undefined],
    ['NULL', undefined],
  ])('of %s ends no program, and has the text %j', (value, found) => {
    expect(textOf(read(value))).toBe(found);
  });

  it.each([
    ['7.5', 7.5],
    ['NULL', null],
    ["x'00'", -Infinity],
  ])('of %s is read as %s', (value, found) => {
    expect(read(value)).toBe(found);
  });

  it('with a NUL in its text is not read as the text before the NUL alone', () => {
    expect(typeof read("'203.0.113.7/32' || char(0) || 'x'")).not.toBe('string');
  });

  it('with a long text is cut, unless all of it is wanted', () => {
    expect(read("'0123456789'", 4)).toBe('0123');
  });

  it.each([
    ['7', 7],
    ['-7.5', -7.5],
    ['9e999', Infinity],
    ["'8'", 8],
    ["''", -Infinity],
    ["'seven'", -Infinity],
    ["x'00'", -Infinity],
    ["CAST(x'fcfe' AS TEXT)", -Infinity],
    ['NULL', null],
  ])('of %s in a column of numbers is the number %s', (value, found) => {
    expect(select(value, `${numeric('it')} AS it`, 'INTEGER')).toBe(found);
  });

  it('is shown in words', () => {
    expect(shownOf(read("CAST(x'41ff' AS TEXT)"))).toBe('A\uFFFD');
    expect(shownOf(-Infinity)).toBe('-Infinity');
  });
});
