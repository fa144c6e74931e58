// A desk on a ledger in memory, with an enforcer that writes down what it is told.
import { AllowList, Judge, type JailPolicy } from '../../src/decision/decide.ts';
import type { Desk } from '../../src/daemon/controls.ts';
import { Ledger } from '../../src/ledger/record.ts';
import type { Network } from '../../src/lib/address.ts';
import type { Ban, Entry, Log, Millis } from '../../src/types.ts';

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

/** A desk, the clock that it reads, and what its firewall was told. */
export function deskFor(options: {
  now: Millis;
  ignoreip?: readonly string[];
  addresses?: readonly string[];
  policy?: Partial<JailPolicy>;
}) {
  const clock = { now: options.now };
  const { log } = recordingLog();
  const jail = policy({ ...options.policy, ignoreip: options.ignoreip ?? [] });
  const allow = AllowList.load([jail], { addresses: () => options.addresses ?? [], clock: () => clock.now });
  const ledger = Ledger.open(':memory:', { log, clock: () => clock.now });
  const firewall = new Map<Network, Millis | null>();
  const ended: Ban[] = [];
  const desk: Desk = {
    ledger,
    enforcer: {
      enforce: async (entries: readonly Entry[]) => entries.forEach(({ network, until }) => firewall.set(network, until)),
      lift: async (networks: readonly Network[]) => networks.forEach((network) => firewall.delete(network)),
    },
    allow: () => allow,
    newJudge: (fromNow) => new Judge([jail], allow, fromNow === undefined ? {} : { fromNow }),
    bantime: () => HOUR,
    clock: () => clock.now,
    reportEnded: (bans) => void ended.push(...bans),
  };
  return { desk, ledger, firewall, clock, ended };
}
