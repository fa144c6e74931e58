// Carries out ban, unban and backfill when no daemon runs: opens ledger and firewall, carries out one request, and closes ledger and
// firewall again.
import type { Enforcer } from '../../actions/enforce.ts';
import { scopesOf, type Config } from '../../config/load.ts';
import type { AllowList, Judge } from '../../decision/decide.ts';
import { Ledger } from '../../ledger/record.ts';
import { Translators } from '../../lib/networks/translators.ts';
import { Court } from '../../walk/court.ts';
import type { Scope } from '../../words/firewall.ts';
import type { BanRow, HitsSummary, Orders } from '../../words/desk.ts';
import type { Hit } from '../../words/walk.ts';
import { banByHand, checkBan, checkUnban, judgeHits, pagesOfBans, unbanByHand, type Desk } from '../desk.ts';
import { doorsOf, owesOf } from '../rooms/doors.ts';
import { buildAllowList, buildJudge, loadActions, openEnforcer, openLedger, type Ports } from '../rooms/build.ts';

/** The requests that need no daemon. */
export type Errand = Pick<Orders, 'ban' | 'unban' | 'judge'> & { bans(within?: string): Promise<readonly BanRow[]> };

/** The summary of a backfill without hits. */
export const NO_HITS: HitsSummary = { hits: 0, known: 0, spared: 0, watched: 0, held: 0, bans: 0, set: [] };

/** Lists bans from the ledger, which is opened read-only. Without a ledger the list is empty. Throws UsageError and LedgerError. */
export function readBans(config: Config, ports: Ports, within?: string): readonly BanRow[] {
  const ledger = Ledger.open(config.state, { ...ports, access: 'read' });
  try {
    return [...pagesOfBans(ledger, new Translators(config.nat64), within)].flat();
  } finally {
    ledger.close();
  }
}

/**
 * Runs `use` without a daemon. Each request is checked before ledger and firewall are opened, so that a refused request leaves no file
 * behind. A ban that the firewall refuses is still recorded, and the log names the ban.
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
      return begun ? opened((errand) => errand.judge(begun, options)) : NO_HITS;
    },
  });
}

/**
 * Reads the first batch before anything is opened, so that an unreadable log leaves no ledger behind. Resolves to all batches, or to undefined
 * when there is no batch.
 */
async function begin(hits: AsyncIterable<readonly Hit[]>): Promise<AsyncIterable<readonly Hit[]> | undefined> {
  const iterator = hits[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  return (async function* () {
    try {
      for (let next: IteratorResult<readonly Hit[]> = first; !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

async function withRooms<T>(config: Config, ports: Ports, allow: AllowList, work: (errand: Errand) => Promise<T>): Promise<T> {
  const actions = loadActions(config, ports);
  const scopes = scopesOf(
    config,
    actions.map(({ name }) => name),
  );
  const ledger = await openLedger(config, { ...ports, scopes: () => scopes });
  try {
    const enforcer = await openEnforcer(actions, ports);
    try {
      return await work(errandOf(config, ports, { allow, ledger, enforcer, scopes }));
    } finally {
      await enforcer.close();
    }
  } finally {
    ledger.close();
  }
}

/** Runs `use` as a dry run, on a copy of the ledger and without a firewall. It leaves no file behind. */
export async function runRehearsal<T>(config: Config, ports: Ports, use: (errand: Errand) => Promise<T>): Promise<T> {
  const ledger = Ledger.open(config.state, { ...ports, access: 'rehearse' });
  try {
    return await use(errandOf(config, ports, { allow: buildAllowList(config, ports.clock), ledger, scopes: [] }));
  } finally {
    ledger.close();
  }
}

/** The objects of an errand. A dry run has no enforcer, and its ledger knows no scopes. */
interface Rooms {
  readonly allow: AllowList;
  readonly ledger: Ledger;
  readonly enforcer?: Enforcer;
  readonly scopes: readonly Scope[];
}

function errandOf(config: Config, ports: Ports, { allow, ledger, enforcer, scopes }: Rooms): Errand {
  const courtFor = (fromNow: number | undefined): Court => {
    const judge: Judge = buildJudge(config, allow, fromNow);
    return new Court(doorsOf({ judge: () => judge, ledger, enforcer, strict: true }), { ...ports, witnesses: [] });
  };
  const desk: Desk = {
    ledger,
    court: courtFor(undefined),
    courtFor,
    clock: ports.clock,
    allow: () => allow,
    bantime: () => config.defaults.bantime,
    owes: owesOf(enforcer, () => scopes),
  };
  return {
    bans: async (within) => [...pagesOfBans(ledger, allow.translators, within, desk.owes)].flat(),
    ban: (request) => banByHand(desk, request),
    unban: (request) => unbanByHand(desk, request),
    judge: (hits, options) => judgeHits(desk, hits, options),
  };
}
