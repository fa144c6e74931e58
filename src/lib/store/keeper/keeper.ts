// Checks, before and after each write, that the files of an open database are still the files that the engine has open. If they are not, it
// writes them anew. Otherwise the engine would write to deleted files, and all later rows would be lost at the next start.
import { LedgerError, messageOf } from '../../../errors.ts';
import { Throttle } from '../../text/throttle.ts';
import type { Database } from '../driver.ts';
import { faultOf } from '../faults.ts';
import type { Schema } from '../migrate.ts';
import { Presence, type Loss } from './presence.ts';
import { isSound, renew } from './renewal.ts';

/** A change by another program is logged at most once in this time (milliseconds). */
const QUIET = 600_000;

/** The pause after a failed attempt to write the files anew (milliseconds). Ten times the duration of that attempt is added. */
const RETRY = 1000;

/** The loss when the engine cannot read a page of its files. The change that damaged the page was taken for a commit of another program. */
const DAMAGED: Loss = { kind: 'damaged', text: 'the file was damaged' };

/** The settings and callbacks of a `Keeper`. */
interface KeeperPorts {
  readonly path: string;
  readonly schemas: readonly Schema[];
  readonly log: { warn(text: string): void; error(text: string): void };
  readonly database: () => Database;
  /** Opens the file at the path again, and replaces the connection. Throws the errors of the engine. */
  readonly reopen: () => void;
  /** Called after `reopen`. `isWhole` is false when rows may be missing, or older than before. */
  readonly renewed: (isWhole: boolean) => void;
}

/**
 * Moves the write-ahead log into the file. Changed bytes of the log may do no harm now, but the next start reads the whole log, and ignores
 * everything after such bytes.
 */
function emptyLog(database: Database): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // The disk is full. The next checkpoint of the engine does it.
  }
}

/** Checks and repairs the files of one open database. */
export class Keeper {
  readonly #ports: KeeperPorts;
  readonly #throttle = new Throttle(QUIET);
  #presence: Presence;
  /** True after the engine has read a damaged page. */
  #isDamaged = false;
  /** The error of the last attempt to write the files anew, and the time (performance.now) until which no new attempt is made. */
  #failed: { readonly fault: unknown; readonly until: number } | undefined;

  /** Throws the errors of stat(2) and of the engine. */
  constructor(ports: KeeperPorts) {
    this.#ports = ports;
    this.#presence = this.#newPresence();
  }

  /**
   * Call this before each write. Files that are missing, replaced or damaged are written anew with the rows that the engine can still read,
   * and the log reports this. Throws LedgerError when the files cannot be written anew, or when this user may not write to the file any more.
   */
  look(): void {
    const { path } = this.#ports;
    try {
      const loss = this.#presence.look() ?? (this.#isDamaged ? DAMAGED : undefined);
      if (loss) this.#repair(loss);
    } catch (thrown) {
      throw faultOf(path, 'cannot be written any more', thrown);
    }
  }

  /** Must be called when the engine has read a damaged page. The next `look` writes the file anew. */
  damaged(): void {
    this.#isDamaged = true;
  }

  /** Call this after each write. If files vanished during the write, they are written anew, including the new rows. Never throws. */
  written(): void {
    try {
      const loss = this.#presence.written();
      if (loss) this.#repair(loss);
    } catch {
      // The next write finds the loss again and reports it.
    }
  }

  #repair(loss: Loss): void {
    const { path, log, reopen, renewed, database, schemas } = this.#ports;
    if (loss.kind === 'changed' && isSound(path, schemas)) {
      reopen();
      emptyLog(database());
      this.#presence = this.#newPresence();
      const text = `${path}: ${loss.text} by another program; it is sound, and is read as it is now`;
      this.#throttle.pass(path, text, (line) => log.warn(line));
      renewed(false);
      return;
    }
    if (this.#failed && performance.now() < this.#failed.until) throw this.#failed.fault;
    const began = performance.now();
    let isRenewedWhole: boolean;
    try {
      const { isWhole, found } = renew(database(), path, schemas, this.#presence);
      reopen();
      this.#presence = this.#newPresence();
      this.#isDamaged = false;
      this.#failed = undefined;
      const rows = isWhole ? 'with every row' : 'with the rows that could be read';
      const aside = found === undefined ? '' : `; the file that was found there is "${found}" now`;
      log.error(`${path}: ${loss.text} while in use; written anew ${rows}${aside}`);
      isRenewedWhole = isWhole;
    } catch (thrown) {
      const fault = new LedgerError(
        `${path}: ${loss.text} while in use, and cannot be written anew: ${messageOf(thrown)}; put it back or make its folder writable`,
        { cause: thrown },
      );
      const now = performance.now();
      this.#failed = { fault, until: now + RETRY + 10 * (now - began) };
      throw fault;
    }
    renewed(isRenewedWhole);
  }

  #newPresence(): Presence {
    const { path, database } = this.#ports;
    return new Presence(path, () => Number(database().prepare('PRAGMA data_version').get([])?.['data_version']));
  }
}
