// A ledger in a folder of its own, with a clock that the test turns.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger, type LedgerOptions } from '../../src/ledger/record.ts';
import type { Network } from '../../src/lib/address.ts';
import type { Log, Millis, Past, Verdict } from '../../src/types.ts';
import { ban, hit, NOON } from './decision-words.ts';

/** A place for one ledger; `remove` closes what was opened there and deletes the folder. */
export class LedgerFile {
  readonly folder = mkdtempSync(join(tmpdir(), 'trapline-ledger-'));
  readonly path = join(this.folder, 'trapline.db');
  readonly notices: string[] = [];
  readonly log: Log;
  now: Millis = NOON;
  readonly #open: Ledger[] = [];

  constructor() {
    const note = (text: string): void => void this.notices.push(text);
    this.log = { debug: note, info: note, notice: note, warn: note, error: note };
  }

  open(options: Partial<LedgerOptions> = {}): Ledger {
    const ledger = Ledger.open(this.path, { log: this.log, clock: () => this.now, ...options });
    this.#open.push(ledger);
    return ledger;
  }

  /** Closes what is open and opens it again, as a restart does. */
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

  /** What the sqlite3 shell answers. */
  shell(sql: string): string {
    return execFileSync('sqlite3', [this.path, sql], { encoding: 'utf8' }).trimEnd();
  }
}

/** The verdict that bans this client, from a hit at `at`. */
export function banned(client: string, at: Millis = NOON, rest: Parameters<typeof ban>[2] = {}): Verdict {
  return { kind: 'ban', hit: hit(client, at, rest.jail === undefined ? {} : { jail: rest.jail }), ban: ban(client, at, rest) };
}

/** What a ledger knows of one network in a jail. */
export function pastOf(ledger: Ledger, network: Network, jail: string): Past | undefined {
  return ledger.past([{ network, jail }])[0];
}
