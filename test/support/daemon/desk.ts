// Makes a `Desk`, which carries out the requests of an operator. Its ledger is in memory, and a map of bans takes the place of a firewall.
import { AllowList, Judge, type JailPolicy } from '../../../src/decision/decide.ts';
import type { Desk, Owes } from '../../../src/daemon/desk.ts';
import { doorsOf } from '../../../src/daemon/rooms/doors.ts';
import { Ledger } from '../../../src/ledger/record.ts';
import type { Network } from '../../../src/lib/address.ts';
import { Court } from '../../../src/walk/court.ts';
import type { Change } from '../../../src/words/firewall.ts';
import type { Log, Millis } from '../../../src/words/ports.ts';
import type { Witness } from '../../../src/words/witnesses.ts';
import type { Ban } from '../../../src/words/walk.ts';

const HOUR = 3_600_000;

/** A log that keeps its lines. */
export function recordingLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const keep = (text: string): void => void lines.push(text);
  return { lines, log: { debug: keep, info: keep, notice: keep, warn: keep, error: keep } };
}

/** The defaults of a jail. */
export const policy = (change: Partial<JailPolicy> = {}): JailPolicy => ({
  name: 'spamtrap',
  maxretry: 1,
  findtime: 600_000,
  bantime: HOUR,
  increment: { factor: 2, max: 24 * HOUR, forget: 30 * 24 * HOUR },
  ipv4Prefix: 32,
  ipv6Prefix: 64,
  ignoreip: [],
  ...change,
});

/**
 * Makes a `Desk`. Returns it with its ledger, its clock, the bans in its firewall, the bans that have ended with the reasons, and the bans by hand
 * that its listeners got.
 */
export function deskFor(options: {
  now: Millis;
  ignoreip?: readonly string[];
  addresses?: readonly string[];
  nat64?: readonly Network[];
  policy?: Partial<JailPolicy>;
  /** Every change of the firewall waits for this promise, if it is given. */
  slow?: Promise<void>;
  /** Why the firewall has not made a change yet. By default it makes every change. */
  owes?: Owes;
}) {
  const clock = { now: options.now };
  const { log } = recordingLog();
  const jail = policy({ ...options.policy, ignoreip: options.ignoreip ?? [] });
  const allow = AllowList.load([jail], {
    addresses: () => options.addresses ?? [],
    clock: () => clock.now,
    nat64: options.nat64 ?? [],
  });
  const ledger = Ledger.open(':memory:', { log, clock: () => clock.now, scopes: () => [{ action: 'test', without: new Set() }] });
  const firewall = new Map<Network, Millis | null>();
  const ended: Ban[] = [];
  const enforcer = {
    enforce: async (changes: readonly Change[]): Promise<void> => {
      if (options.slow) await options.slow;
      for (const { hold, free } of changes) {
        for (const { network, until } of hold) firewall.set(network, until);
        for (const network of free) firewall.delete(network);
      }
    },
  };
  const reasons: string[] = [];
  const byHand: { readonly bans: readonly Ban[]; readonly by: string | undefined }[] = [];
  const witness: Witness = {
    name: 'test',
    judged: () => {},
    banned: (bans, by) => void byHand.push({ bans, by }),
    ended: (bans, because) => {
      ended.push(...bans);
      reasons.push(because);
    },
  };
  const witnesses = [witness];
  const courtFor = (fromNow: Millis | undefined): Court => {
    const judge = new Judge([jail], allow, fromNow === undefined ? {} : { fromNow });
    return new Court(doorsOf({ judge: () => judge, ledger, enforcer, strict: true }), { clock: () => clock.now, log, witnesses });
  };
  const desk: Desk = {
    ledger,
    court: courtFor(undefined),
    courtFor,
    allow: () => allow,
    bantime: () => HOUR,
    clock: () => clock.now,
    owes: options.owes ?? (() => undefined),
  };
  return { desk, ledger, firewall, clock, ended, reasons, byHand };
}
