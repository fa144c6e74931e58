// What a daemon does by the clock: ends bans, looks at the allow-list, tidies the ledger, compares the firewall, gives signs of life.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Enforcer } from '../actions/enforce.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import type { Cleanup } from '../lib/cleanup.ts';
import { Seldom } from '../lib/log.ts';
import { Expiry, type Ledger } from '../ledger/record.ts';
import type { Ban, Clock, Log, Millis } from '../types.ts';
import { lift, type Desk } from './controls.ts';

/** How often the files and addresses of the allow-list are looked at: a few calls of stat(2). */
const ALLOW_INTERVAL: Millis = 2_000;
/** A chore that goes on failing is told this often. */
const QUIET: Millis = 600_000;
/** One slice of tidying up each time: some 2,000 rows. */
const PURGE_INTERVAL: Millis = 5_000;

/** What the chores work on. */
export interface ChorePorts {
  readonly desk: Desk;
  readonly ledger: Ledger;
  readonly exemption: Exemption;
  readonly enforcer: Enforcer;
  readonly clock: Clock;
  readonly log: Log;
  /** How often the firewall is compared with the ledger. */
  readonly sync: Millis;
  readonly watchdogInterval: Millis | undefined;
  readonly notify: (state: string) => Promise<void>;
}

/** Starts all of them; each ends with the cleanup. */
export function startChores(ports: ChorePorts, cleanup: Cleanup): void {
  const { desk, ledger, exemption, enforcer, clock, log } = ports;
  const seldom = new Seldom(QUIET);
  const told = (thrown: unknown): void => {
    if (!(thrown instanceof ExpectedError)) throw thrown;
    seldom.say(thrown.message, thrown.message, (text) => log.error(text));
  };
  const end = (ended: readonly Ban[]): void => void lift(desk, ended, 'its time is over').catch(told);
  const expiry = new Expiry(ledger, { clock, log, ended: end });
  expiry.start();
  cleanup.add('expiry', () => expiry.stop());
  const every = (name: string, interval: Millis, work: () => void): void => {
    const timer = setInterval(() => {
      try {
        work();
      } catch (thrown) {
        told(thrown);
      }
    }, interval);
    cleanup.add(name, () => clearInterval(timer));
  };
  every('allow-list', ALLOW_INTERVAL, () => exemption.look());
  every('purge', PURGE_INTERVAL, () => {
    ledger.purge();
    void evict(desk, ledger, told).catch(told);
  });
  every('sync', ports.sync, () => void enforcer.sync(ledger.wanted));
  if (ports.watchdogInterval !== undefined) every('watchdog', ports.watchdogInterval, () => void ports.notify('WATCHDOG=1'));
}

/** Ends bans before their time while there are more than the ledger lets be in force. */
async function evict(desk: Desk, ledger: Ledger, failed: (thrown: unknown) => void): Promise<void> {
  for (let evicted = ledger.evict(); evicted.length > 0; evicted = ledger.evict()) {
    void lift(desk, evicted, 'there are too many bans, and it would have ended first').catch(failed);
    await breathe();
  }
}

/** Lifts the bans that the allow-list does not let be. What the ledger does not take is tried again. */
export class Exemption {
  readonly #desk: Desk;
  readonly #ledger: Ledger;
  readonly #log: Log;
  #owed = false;
  #lifting: Promise<void> = Promise.resolve();

  constructor(desk: Desk, ledger: Ledger, log: Log) {
    this.#desk = desk;
    this.#ledger = ledger;
    this.#log = log;
  }

  /** Looks whether the allow-list has changed, and lifts what it lets go. */
  look(): void {
    const { changed, problems } = this.#desk.allow().refresh();
    for (const text of problems) this.#log.warn(text);
    for (const text of changed) this.#log.notice(text);
    if (changed.length > 0 || this.#owed) void this.lift();
  }

  /** Goes through all bans. Resolves when those that are allowed now are lifted, or owed; rejects only for a bug. */
  lift(): Promise<void> {
    this.#lifting = this.#lifting.then(() => this.#lift());
    return this.#lifting;
  }

  async #lift(): Promise<void> {
    try {
      for (const bans of this.#ledger.pages()) {
        const lifted = this.#desk
          .allow()
          .lifted(bans)
          .map(({ ban }) => ban);
        if (lifted.length > 0) await lift(this.#desk, this.#ledger.end(lifted), 'on the allow-list now');
        await breathe();
      }
      this.#owed = false;
    } catch (thrown) {
      if (!(thrown instanceof ExpectedError)) throw thrown;
      if (!this.#owed) this.#log.error(`${messageOf(thrown)}; bans of allowed addresses are lifted when it can be`);
      this.#owed = true;
    }
  }
}
