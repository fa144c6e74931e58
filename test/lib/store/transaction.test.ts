import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../../src/lib/store/driver.ts';
import { SharedTransaction } from '../../../src/lib/store/transaction.ts';

let database: Database;
let transaction: SharedTransaction;
let prepared: number;

beforeEach(() => {
  database = openDatabase(':memory:');
  database.exec('CREATE TABLE cells (cell)');
  prepared = 0;
  const counting: Database = {
    get inTransaction() {
      return database.inTransaction;
    },
    prepare: (sql) => {
      prepared += 1;
      return database.prepare(sql);
    },
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  };
  transaction = new SharedTransaction(counting);
});
afterEach(() => database.close());

const insert = (value: number): number => transaction.run('INSERT INTO cells VALUES (?), (?)', value, value);

describe('SharedTransaction', () => {
  it('runs statements and queries inside a transaction, and prepares each statement once', () => {
    database.exec('BEGIN');
    expect([insert(1), insert(2)]).toEqual([2, 2]);
    expect(transaction.all('SELECT cell FROM cells WHERE cell > ?', 1)).toMatchObject([{ cell: 2 }, { cell: 2 }]);
    expect(prepared).toBe(2);
  });

  it('throws when it is used before or after the transaction', () => {
    expect(() => insert(1)).toThrow('no transaction is open');
    database.exec('BEGIN');
    insert(1);
    database.exec('COMMIT');
    expect(() => insert(2)).toThrow('no transaction is open');
    expect(() => transaction.all('SELECT 1')).toThrow('no transaction is open');
  });

  it.each([
    'COMMIT',
    'rollback',
    ' END',
    'BEGIN',
    'SAVEPOINT x',
    'RELEASE x',
    'PRAGMA synchronous = OFF',
    "ATTACH 'x' AS y",
    'VACUUM',
  ])('refuses %s, because its user must not end or change the transaction', (sql) => {
    database.exec('BEGIN');
    expect(() => transaction.run(sql)).toThrow('not allowed inside a shared transaction');
    expect(database.inTransaction).toBe(true);
  });

  it('keeps at most 200 prepared statements', () => {
    database.exec('BEGIN');
    for (let value = 0; value < 200; value += 1) transaction.all(`SELECT ${value}`);
    transaction.all('SELECT 0');
    expect(prepared).toBe(200);
    transaction.all('SELECT 200');
    transaction.all('SELECT 0');
    expect(prepared).toBe(202);
  });
});
