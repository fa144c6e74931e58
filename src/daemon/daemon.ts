// Starts and stops the daemon: opens the House (the shared objects, see house.ts), then starts the parts in order. A stop undoes these steps
// in reverse order.
import { isRunning } from '../control/call.ts';
import { ControlError, messageOf } from '../errors.ts';
import { Cleanup } from '../lib/cleanup.ts';
import type { Orders, Reports } from '../words/desk.ts';
import type { Millis } from '../words/ports.ts';
import { banByHand, judgeHits, pagesOfBans, unbanByHand } from './desk.ts';
import { openHouse, type House, type Outside, type Part, type StaffedHouse } from './house.ts';
import { allowListPart } from './parts/allow-list.ts';
import { controlPart, readersPart } from './parts/control.ts';
import { expiryPart } from './parts/expiry.ts';
import { followPart } from './parts/follow.ts';
import { syncPart } from './parts/sync.ts';
import { tidyPart } from './parts/tidy.ts';
import { watchdogPart } from './parts/watchdog.ts';
import { oneAtATime, reload } from './reload.ts';
import { startLine, statusOf } from './status.ts';
import { reportStopped } from './stopped.ts';

export type { Outside } from './house.ts';

/** The parts in the order in which they start. Sources start last, because their hits need all other parts. */
const newParts = (): readonly Part[] => [
  controlPart,
  readersPart,
  expiryPart,
  allowListPart,
  tidyPart,
  syncPart(),
  watchdogPart,
  followPart,
];

/** A running daemon. */
export interface Daemon {
  readonly reports: Reports;
  readonly orders: Orders;
  /** Rejects when the daemon cannot go on because of a bug; never resolves. */
  readonly broken: Promise<never>;
  /** Finishes the current batch, stops reading logs, and undoes the other steps of the start. Bans stay in the firewall. Never rejects. */
  stop(): Promise<void>;
}

/** All steps of a stop together may take this long. */
const STOP_DEADLINE: Millis = 1_800;

/** Starts a daemon; resolves when it follows its sources. When a step fails, undoes the earlier steps and rejects. */
export async function startDaemon(outside: Outside): Promise<Daemon> {
  const cleanup = new Cleanup();
  const stop = (): Promise<void> => cleanup.run(STOP_DEADLINE, (name, fault) => outside.log.warn(`${name}: ${messageOf(fault)}`));
  try {
    return { ...(await build(outside, cleanup)), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function build(outside: Outside, cleanup: Cleanup): Promise<Omit<Daemon, 'stop'>> {
  await refuseSecond(outside.config.control.socket);
  const parts = newParts();
  const house = staff(await openHouse(outside, cleanup), parts);
  for (const part of parts) cleanup.add(part.name, await part.start(house));
  await reportStopped(house, 0);
  house.log.notice(startLine(house));
  await outside.notify('READY=1');
  cleanup.add('notice', () => outside.notify('STOPPING=1'));
  return { reports: house.reports, orders: house.orders, broken: house.followers.broken };
}

/** Adds reports and orders to a House. */
function staff(house: House, parts: readonly Part[]): StaffedHouse {
  const { desk, ledger } = house;
  const reports: Reports = {
    status: () => statusOf(house),
    bans: (within) => pagesOfBans(ledger, desk.allow().translators, within, desk.owes),
  };
  const orders: Orders = {
    ban: (request) => banByHand(desk, request),
    unban: (request) => unbanByHand(desk, request),
    judge: (hits, options) => judgeHits(desk, hits, options),
    reload: oneAtATime(() => reload(staffed, parts)),
  };
  // The House itself is extended and not a copy of it: a reload replaces `house.now`, and a copy would keep the old value.
  const staffed: StaffedHouse = Object.assign(house, { reports, orders });
  return staffed;
}

/** Throws ControlError when a daemon answers on the socket. This check comes first, so that a second daemon does not touch ledger and firewall. */
async function refuseSecond(socket: string): Promise<void> {
  if (await isRunning(socket))
    throw new ControlError(`${socket}: another daemon answers on this socket, stop it first ("systemctl stop trapline")`);
}
