// What a daemon does by the clock: ends bans, looks at the allow-list, tidies the ledger, compares the firewall, gives signs of life.
import type { Enforcer } from '../actions/enforce.ts';
import type { AllowList } from '../decision/decide.ts';
import { ExpectedError } from '../errors.ts';
import type { Cleanup } from '../lib/cleanup.ts';
import { Expiry, type Ledger } from '../ledger/record.ts';
import type { Ban, Clock, Log, Millis } from '../types.ts';
import { lift, type Desk } from './controls.ts';

/** How often the files and addresses of the allow-list are looked at: a few calls of stat(2). */
const ALLOW_INTERVAL: Millis = 2_000;
/** One slice of tidying up each time: some 2,000 rows. */
const PURGE_INTERVAL: Millis = 5_000;

/** What the chores work on. */
export interface ChorePorts {
  readonly desk: Desk;
  readonly ledger: Ledger;
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
  const { desk, ledger, enforcer, clock, log } = ports;
  const expiry = new Expiry(ledger, { clock, log, ended: (ended: readonly Ban[]) => void lift(desk, ended, 'its time is over') });
  expiry.start();
  cleanup.add('expiry', () => expiry.stop());
  const every = (name: string, interval: Millis, work: () => void): void => {
    const timer = setInterval(() => attempt(work, log), interval);
    cleanup.add(name, () => clearInterval(timer));
  };
  every('allow-list', ALLOW_INTERVAL, () => lookAtAllowList(desk.allow(), desk, log));
  every('purge', PURGE_INTERVAL, () => ledger.purge());
  every('sync', ports.sync, () => void enforcer.sync(() => ledger.entries()));
  if (ports.watchdogInterval !== undefined) every('watchdog', ports.watchdogInterval, () => void ports.notify('WATCHDOG=1'));
}

/** Lifts the bans that the allow-list does not let be. */
export function liftAllowed(allow: AllowList, desk: Desk): void {
  const lifted = allow.lifted(desk.ledger.bans()).map(({ ban }) => ban);
  if (lifted.length > 0) void lift(desk, desk.ledger.end(lifted), 'on the allow-list now');
}

function lookAtAllowList(allow: AllowList, desk: Desk, log: Log): void {
  const { changed, problems } = allow.refresh();
  for (const text of problems) log.warn(text);
  for (const text of changed) log.notice(text);
  if (changed.length > 0) liftAllowed(allow, desk);
}

/** A chore that fails (a full disk) is told and tried again when its time comes. */
function attempt(work: () => void, log: Log): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof ExpectedError)) throw thrown;
    log.error(thrown.message);
  }
}
