// Runs SQL inside a transaction that the caller opened and will end.
import type { Cell, Database, Row, Statement } from './driver.ts';

/** Runs SQL inside an open transaction. It may be used only during the call that received it. */
export interface Transaction {
  /** Runs one statement and returns the number of rows that it changed. */
  run(sql: string, ...values: readonly Cell[]): number;
  /** The rows of one query. */
  all(sql: string, ...values: readonly Cell[]): readonly Row[];
}

/** The maximum number of prepared statements that are kept, so that a caller that puts values into its SQL does not fill the memory. */
const MOST_STATEMENTS = 200;

/** Statements that are refused. Only the code that opened a transaction may end it. */
const CONTROL = /^\s*(?:BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|ATTACH|DETACH|PRAGMA|VACUUM)\b/i;

/** The transaction of a database. It prepares each statement once. */
export class SharedTransaction implements Transaction {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
  }

  run(sql: string, ...values: readonly Cell[]): number {
    return this.#statement(sql).run(values).changes;
  }

  all(sql: string, ...values: readonly Cell[]): readonly Row[] {
    return this.#statement(sql).all(values);
  }

  #statement(sql: string): Statement {
    if (!this.#database.inTransaction) throw new Error(`no transaction is open: ${sql}`);
    const known = this.#statements.get(sql);
    if (known) return known;
    if (CONTROL.test(sql)) throw new Error(`not allowed inside a shared transaction: ${sql}`);
    if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear();
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
