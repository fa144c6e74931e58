// The daemon: builds the rooms, starts them in order, stops them in reverse, and swaps what a reload changes between two batches.
import type { Config } from '../config/load.ts';
import { isRunning } from '../control/call.ts';
import { serveControl } from '../control/serve.ts';
import { ControlError, messageOf } from '../errors.ts';
import { Cleanup } from '../lib/cleanup.ts';
import type { Doors } from '../pipeline.ts';
import type { Clock, Controls, Log, Millis } from '../types.ts';
import { Exemption, startChores } from './chores.ts';
import { banByHand, entriesOf, judgeHits, listBans, pagesOfBans, unbanByHand, withPatience, type Desk } from './controls.ts';
import { Followers } from './followers.ts';
import { buildJudge, buildSwappable, openEnforcer, openLedger, openSources, restoreWindows, type Swappable } from './rooms.ts';
import { statusOf } from './status.ts';
import { Tally } from './tally.ts';

/** What the daemon is given from outside: it touches nothing else of the process. */
export interface Parts {
  readonly config: Config;
  /** Reads the configuration again, for a reload. Rejects with ConfigError. */
  readonly readConfig: () => Promise<Config>;
  readonly log: Log;
  readonly clock: Clock;
  readonly version: string;
  /** Tells the supervisor a state of sd_notify(3), such as `READY=1`. */
  readonly notify: (state: string) => Promise<void>;
  /** How often the supervisor wants a sign of life; undefined: never. */
  readonly watchdogInterval?: Millis | undefined;
}

/** A running daemon. */
export interface Daemon {
  readonly controls: Controls;
  /** Rejects when the daemon cannot go on because of a bug; never resolves. */
  readonly broken: Promise<never>;
  /** Stops following, ends the batch in hand and closes the rooms, newest first. Bans stay in the firewall. Never rejects. */
  stop(): Promise<void>;
}

/** Stopping has this long for everything together. */
const STOP_DEADLINE: Millis = 1_800;

/** The start waits this long for the firewall to be equal to the ledger: a million bans take it half a minute. Bans come after that anyway. */
const START_PATIENCE: Millis = 20_000;

/** A write waits this long for another program that writes; then bans go on in memory, and everything else goes on too. */
const BUSY_TIMEOUT: Millis = 250;

/** Starts a daemon; resolves when it follows its sources. Rejects, with everything undone, when a room cannot be opened. */
export async function startDaemon(parts: Parts): Promise<Daemon> {
  const cleanup = new Cleanup();
  const stop = (): Promise<void> => cleanup.run(STOP_DEADLINE, (name, fault) => parts.log.warn(`${name}: ${messageOf(fault)}`));
  try {
    return { ...(await build(parts, cleanup)), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function build(parts: Parts, cleanup: Cleanup): Promise<Omit<Daemon, 'stop'>> {
  const { log, clock, config, version, notify, watchdogInterval } = parts;
  await refuseSecond(config.control.socket);
  let now: Swappable = buildSwappable(config, parts);
  const since = clock();
  const tally = new Tally(log);
  cleanup.add('tally', () => tally.flush());

  const ledger = openLedger(config, { ...parts, busyTimeout: BUSY_TIMEOUT });
  cleanup.add('ledger', () => ledger.close());
  const enforcer = await openEnforcer(config, parts);
  cleanup.add('actions', () => enforcer.close());
  const desk: Desk = {
    ledger,
    enforcer,
    clock,
    allow: () => now.allow,
    bantime: () => now.config.defaults.bantime,
    newJudge: (fromNow) => buildJudge(now.config, now.allow, fromNow),
    report: (verdicts) => tally.report(verdicts),
    reportEnded: (ended, because) => tally.reportEnded(ended, because),
  };
  const exemption = new Exemption(desk, ledger, log);
  await exemption.lift();
  await withPatience(enforcer.sync(ledger.wanted), START_PATIENCE);
  restoreWindows(now, ledger, clock());

  const doors: Doors = {
    match: (batch) => now.matcher.match(batch),
    decide: (hits, past) => now.judge.decide(hits, past),
    past: ledger.past,
    record: (verdicts, cursor) => ledger.keep(verdicts, cursor),
    full: () => ledger.unwritten.full,
    enforce: (bans) => void enforcer.enforce(entriesOf(ledger, bans)),
    // After the firewall has been told: it works while the log is written, a tenth of the time of a burst.
    report: (verdicts) => queueMicrotask(() => tally.report(verdicts)),
  };
  const followers = new Followers({ log, clock, doors: () => doors, cursor: (source) => ledger.cursor(source) });

  const reload = async (): Promise<void> => {
    const next = await parts.readConfig();
    const swappable = buildSwappable(next, parts);
    const sources = await openSources(next, parts);
    restoreWindows(swappable, ledger, clock());
    now = swappable;
    await exemption.lift();
    await followers.follow(sources);
    if (fixedPart(config) !== fixedPart(next)) log.warn('state, control, actions and sync stay as they are until the next start');
    log.notice('configuration read again');
  };
  const controls: Controls = {
    status: () => statusOf({ version, since, now, ledger, enforcer, followers, tally }),
    bans: (within) => listBans(ledger, within),
    pages: () => pagesOfBans(ledger),
    ban: (request) => banByHand(desk, request),
    unban: (request) => unbanByHand(desk, request),
    judge: (hits, options) => judgeHits(desk, hits, options),
    reload: oneAtATime(reload),
  };
  const control = await serveControl(controls, config.control, log);
  cleanup.add('control', () => control.close());
  if (config.control.readers) {
    const readers = await serveControl(controls, { ...config.control.readers, mode: 0o660, readOnly: true }, log);
    cleanup.add('readers', () => readers.close());
  }
  startChores({ desk, ledger, exemption, enforcer, clock, log, sync: config.sync, watchdogInterval, notify }, cleanup);
  await followers.follow(await openSources(config, parts));
  cleanup.add('sources', () => followers.stop());
  await notify('READY=1');
  cleanup.add('notice', () => notify('STOPPING=1'));
  return { controls, broken: followers.broken };
}

/** Asked first: a second daemon must not touch ledger and firewall before it finds that the socket is taken. */
async function refuseSecond(socket: string): Promise<void> {
  if (await isRunning(socket))
    throw new ControlError(`${socket}: another daemon answers there, stop it first ("systemctl stop trapline")`);
}

/** What only a new start can change. */
function fixedPart({ state, control, actions, sync }: Config): string {
  return JSON.stringify([state, control, actions, sync]);
}

/** A call waits for the one before it, however that ended. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.catch(() => {}).then(work);
    return last;
  };
}
