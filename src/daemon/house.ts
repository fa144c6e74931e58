// Defines House, the objects that all parts of a running daemon use. `openHouse` opens these objects in order. As soon as
// an object is open that has to be closed later, `openHouse` registers the step that closes this object.
import type { Enforcer } from '../actions/enforce.ts';
import { scopesOf, type Config } from '../config/load.ts';
import { Judge } from '../decision/decide.ts';
import type { Ledger } from '../ledger/record.ts';
import type { Cleanup } from '../lib/cleanup.ts';
import { waitAtMost } from '../lib/patience.ts';
import { Court } from '../walk/court.ts';
import type { Orders, Reports } from '../words/desk.ts';
import type { Clock, Log, Millis } from '../words/ports.ts';
import type { Witness } from '../words/witnesses.ts';
import type { Desk } from './desk.ts';
import { Adoption } from './rooms/adoption.ts';
import { doorsOf, owesOf } from './rooms/doors.ts';
import { Effect } from './rooms/effect.ts';
import { Exemption } from './exemption.ts';
import { Followers } from './followers.ts';
import {
  buildJudge,
  buildSwappable,
  loadActions,
  openEnforcer,
  openLedger,
  restoreWindows,
  withNames,
  type Swappable,
} from './rooms/build.ts';
import { Misses } from './rooms/missed.ts';
import { Tally } from './tally.ts';

/** Everything that the daemon gets from its process. */
export interface Outside {
  readonly config: Config;
  /** Reads the configuration again, for a reload. Rejects with ConfigError. */
  readonly readConfig: () => Promise<Config>;
  readonly log: Log;
  readonly clock: Clock;
  /** Writes the lines of the action `print`; standard output by default. */
  readonly write?: (line: string) => void;
  readonly version: string;
  /** Sends the supervisor a state of sd_notify(3), such as `READY=1`. */
  readonly notify: (state: string) => Promise<void>;
  /** The interval at which the supervisor expects WATCHDOG=1. Undefined: the supervisor expects no WATCHDOG=1. */
  readonly watchdogInterval?: Millis | undefined;
}

/** The objects of a running daemon, for its parts. */
export interface House extends Outside {
  /** When the daemon was started. */
  readonly since: Millis;
  /** The objects that a reload replaces. */
  now: Swappable;
  readonly ledger: Ledger;
  readonly enforcer: Enforcer;
  readonly court: Court;
  /** The listeners of the Court. A part may add a listener when it starts, and then has to remove the listener when it stops. */
  readonly witnesses: Witness[];
  readonly desk: Desk;
  readonly exemption: Exemption;
  readonly followers: Followers;
  readonly tally: Tally;
  readonly missed: Misses;
  readonly effect: Effect;
}

/** A House that answers requests. */
export interface StaffedHouse extends House {
  readonly reports: Reports;
  readonly orders: Orders;
}

/**
 * One part of the daemon. It starts after the House is open and stops before the House is closed. `reload` prepares everything that can
 * fail, and returns a function that puts the result into use. These functions are called after `reload` has succeeded for every part. A
 * part without `reload` has no option that a reload can change.
 */
export interface Part {
  readonly name: string;
  /** Resolves to a function that stops the part. Rejects with an ExpectedError when the part cannot start. */
  start(house: StaffedHouse): Promise<() => unknown>;
  reload?(house: StaffedHouse, next: Config): Promise<() => Promise<void> | void>;
}

/** The daemon waits at most this long for its first sync. Then it reads logs while the sync goes on: a million bans take half a minute. */
const START_PATIENCE: Millis = 20_000;

/** A write to the ledger waits this long while another program writes. After this time its bans stay in memory until a later write. */
const BUSY_TIMEOUT: Millis = 250;

/** Opens ledger and firewall, makes the firewall equal to the ledger, and restores the counts of hits. Rejects when a step fails. */
export async function openHouse(outside: Outside, cleanup: Cleanup): Promise<House> {
  const { log, clock, config } = outside;
  const since = clock();
  const actions = loadActions(config, outside);
  const now = buildSwappable(
    await withNames(config, outside),
    scopesOf(
      config,
      actions.map(({ name }) => name),
    ),
    outside,
  );
  const owes = owesOf({ owes: (network, names) => enforcer.owes(network, names) }, () => house.now.scopes);
  const tally = new Tally({ log, clock, owes });
  const missed = new Misses(log);
  cleanup.add('tally', () => tally.flush());
  const ledger = await openLedger(config, {
    ...outside,
    busyTimeout: BUSY_TIMEOUT,
    scopes: () => house.now.scopes,
    damaged: () => adoption.begin(enforcer.names),
  });
  cleanup.add('ledger', () => ledger.close());
  const enforcer = await openEnforcer(actions, { ...outside, found: (action, networks) => adoption.found(action, networks) });
  cleanup.add('actions', () => enforcer.close());

  const effect = new Effect({
    clock,
    log,
    look: async (network) => {
      const holders = house.now.scopes.filter(({ without }) => ledger.standing.entriesFor([network], without).length > 0);
      return enforcer.look(
        network,
        holders.map(({ action }) => action),
      );
    },
  });
  const witnesses: Witness[] = [tally, effect];
  const courtWith = (judge: () => Judge, strict: boolean): Court =>
    new Court(doorsOf({ judge, ledger, enforcer, strict }), { clock, log, witnesses });
  const court = courtWith(() => house.now.judge, false);
  const desk: Desk = {
    ledger,
    court,
    clock,
    allow: () => house.now.allow,
    bantime: () => house.now.config.defaults.bantime,
    owes,
    courtFor: (fromNow) => {
      const judge = buildJudge(house.now.config, house.now.allow, fromNow);
      return courtWith(() => judge, true);
    },
  };
  const adoption = new Adoption(desk, {
    log,
    sync: () => void enforcer.sync((action) => ledger.wanted(action)),
  });
  const house: House = {
    ...outside,
    since,
    now,
    ledger,
    enforcer,
    court,
    witnesses,
    desk,
    tally,
    missed,
    effect,
    exemption: new Exemption({ allow: () => house.now.allow, ledger, court, log }),
    followers: new Followers({
      log,
      clock,
      doors: {
        match: (batch, found) => house.now.matcher.match(batch, found),
        missed: (source, misses) => missed.add(source, misses),
        court,
        full: () => ledger.unwritten.full,
      },
      cursor: (source) => ledger.cursor(source),
    }),
  };
  await house.exemption.lift();
  await waitAtMost(
    START_PATIENCE,
    enforcer.sync((action) => ledger.wanted(action)),
    () => {},
  );
  restoreWindows(now, ledger, clock());
  return house;
}
