// The same requests without a daemon: a command opens ledger and firewall, does its one thing, and closes them again.
import type { Enforcer } from '../actions/enforce.ts';
import type { Config } from '../config/load.ts';
import type { AllowList } from '../decision/decide.ts';
import { Ledger } from '../ledger/record.ts';
import type { BanRow, Controls, Hit } from '../types.ts';
import { banByHand, checkBan, checkUnban, judgeHits, listBans, unbanByHand, type Desk } from './controls.ts';
import { buildAllowList, buildJudge, openEnforcer, openLedger, type Ports } from './rooms.ts';

/** The requests that need no daemon. */
export type Errand = Pick<Controls, 'ban' | 'unban' | 'judge'> & { bans(within?: string): Promise<readonly BanRow[]> };

/** Lists bans straight from the ledger, which is opened read-only; no ledger is no bans. Throws UsageError and LedgerError. */
export function readBans(config: Config, ports: Ports, within?: string): readonly BanRow[] {
  const ledger = Ledger.open(config.state, { ...ports, readOnly: true });
  try {
    return listBans(ledger, within);
  } finally {
    ledger.close();
  }
}

/**
 * Runs an errand that opens ledger and firewall when it has work for them, and closes them after it: a request that is refused leaves no
 * trace. What the firewall refuses is recorded all the same, and told.
 */
export async function runErrand<T>(config: Config, ports: Ports, use: (errand: Errand) => Promise<T>): Promise<T> {
  const allow = buildAllowList(config, ports.clock);
  const opened = <Result>(work: (errand: Errand) => Promise<Result>): Promise<Result> => withRooms(config, ports, allow, work);
  return use({
    bans: (within) => opened((errand) => errand.bans(within)),
    ban: async (request) => {
      checkBan(allow, request);
      return opened((errand) => errand.ban(request));
    },
    unban: async (request) => {
      checkUnban(request);
      return opened((errand) => errand.unban(request));
    },
    judge: async (hits, options) => {
      const begun = await begin(hits);
      return opened((errand) => errand.judge(begun, options));
    },
  });
}

/** The same hits, the first of them read: what cannot be read at all is known then. */
async function begin(hits: AsyncIterable<readonly Hit[]>): Promise<AsyncIterable<readonly Hit[]>> {
  const iterator = hits[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let next = first; !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

async function withRooms<T>(config: Config, ports: Ports, allow: AllowList, work: (errand: Errand) => Promise<T>): Promise<T> {
  const ledger = openLedger(config, ports);
  try {
    const enforcer = await openEnforcer(config, ports);
    try {
      return await work(errandOf(config, ports, allow, ledger, enforcer));
    } finally {
      await enforcer.close();
    }
  } finally {
    ledger.close();
  }
}

/** The same on a copy of the ledger and without a firewall: nothing that it does stays. */
export async function runRehearsal<T>(config: Config, ports: Ports, use: (errand: Errand) => Promise<T>): Promise<T> {
  const ledger = Ledger.open(config.state, { ...ports, readOnly: true });
  try {
    return await use(errandOf(config, ports, buildAllowList(config, ports.clock), ledger, undefined));
  } finally {
    ledger.close();
  }
}

function errandOf(config: Config, { clock }: Ports, allow: AllowList, ledger: Ledger, enforcer: Enforcer | undefined): Errand {
  const desk: Desk = {
    ledger,
    enforcer: enforcer ?? NO_FIREWALL,
    clock,
    allow: () => allow,
    bantime: () => config.defaults.bantime,
    newJudge: (fromNow) => buildJudge(config, allow, fromNow),
  };
  return {
    bans: async (within) => listBans(ledger, within),
    ban: (request) => banByHand(desk, request),
    unban: (request) => unbanByHand(desk, request),
    judge: (hits, options) => judgeHits(desk, hits, options),
  };
}

const NO_FIREWALL: Desk['enforcer'] = { enforce: async () => {}, lift: async () => {} };
