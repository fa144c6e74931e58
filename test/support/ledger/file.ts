// A ledger in a new folder, with a clock that the test sets.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger, type LedgerOptions } from '../../../src/ledger/record.ts';
import type { Network } from '../../../src/lib/address.ts';
import type { Log, Millis } from '../../../src/words/ports.ts';
import type { Past, Verdict } from '../../../src/words/walk.ts';
import { ban, hit, NOON } from '../decision/words.ts';

/** A folder for one ledger. `remove` closes the ledger and deletes the folder. */
export class LedgerFile {
  readonly folder: string;
  readonly path: string;
  readonly notices: string[] = [];
  readonly log: Log;
  now: Millis = NOON;
  readonly #open: Ledger[] = [];

  /** `name`: the last part of the name of the folder. */
  constructor(name = '') {
    this.folder = mkdtempSync(join(tmpdir(), `trapline-ledger-${name}`));
    this.path = join(this.folder, 'trapline.db');
    const note = (text: string): void => void this.notices.push(text);
    this.log = { debug: note, info: note, notice: note, warn: note, error: note };
  }

  open(options: Partial<LedgerOptions> = {}): Ledger {
    const ledger = Ledger.open(this.path, { log: this.log, clock: () => this.now, ...options });
    this.#open.push(ledger);
    return ledger;
  }

  /** Closes the ledger and opens it again, as a restart does. */
  reopen(options: Partial<LedgerOptions> = {}): Ledger {
    this.close();
    return this.open(options);
  }

  close(): void {
    for (const ledger of this.#open.splice(0)) ledger.close();
  }

  remove(): void {
    this.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs SQL in the sqlite3 shell, and returns the output. */
  shell(sql: string): string {
    return execFileSync('sqlite3', [this.path, sql], { encoding: 'utf8' }).trimEnd();
  }
}

/** The verdict that bans this client because of a hit at the instant `at`. */
export function banned(client: string, at: Millis = NOON, rest: Parameters<typeof ban>[2] = {}): Verdict {
  return { kind: 'ban', hit: hit(client, at, rest.jail === undefined ? {} : { jail: rest.jail }), ban: ban(client, at, rest) };
}

/** The past of one network in one jail, as the ledger returns it. */
export function pastOf(ledger: Ledger, network: Network, jail: string): Past | undefined {
  return ledger.past([{ network, jail }])[0];
}
