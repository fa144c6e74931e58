// What an operator can ask for, carried out on ledger, allow-list and firewall: by the daemon for its clients, or by a command on its own.
import { setImmediate as breathe, setTimeout as pause } from 'node:timers/promises';
import type { AllowList, Judge } from '../decision/decide.ts';
import type { Enforcer } from '../actions/enforce.ts';
import type { Ledger } from '../ledger/record.ts';
import { UsageError } from '../errors.ts';
import { formatNetwork, networkFaultText, parseNetwork, type Network } from '../lib/address.ts';
import {
  HAND_JAIL,
  type Ban,
  type BanRequest,
  type BanRow,
  type Clock,
  type Entry,
  type Hit,
  type HitsSummary,
  type Millis,
  type UnbanRequest,
  type Verdict,
} from '../types.ts';

/** The rooms that requests are carried out in. */
export interface Desk {
  readonly ledger: Ledger;
  readonly allow: () => AllowList;
  readonly enforcer: Pick<Enforcer, 'enforce' | 'lift'>;
  /** A judge with empty windows, for hits that come in beside the log that is followed. */
  readonly newJudge: (fromNow: Millis | undefined) => Judge;
  /** How long a ban by hand lasts when nobody says; null: for ever. */
  readonly bantime: () => Millis | null;
  readonly clock: Clock;
  /** Told of verdicts, and of bans that are over; absent where nobody listens. */
  readonly report?: (verdicts: readonly Verdict[]) => void;
  readonly reportEnded?: (ended: readonly Ban[], because: string) => void;
}

/** More bans than these are listed in pages: these take a tenth of a second. */
const MOST_LISTED = 5_000;

/** Bans that are lifted at once; others have their turn then. */
const MOST_LIFTED = 5_000;

/** How long an answer waits for the firewall before it says that the ban is recorded and owed. */
const PATIENCE: Millis = 5_000;

/** All bans in force, or those inside `within`. Throws UsageError for text that is no network. */
export function listBans(ledger: Ledger, within?: string): readonly BanRow[] {
  return ledger.bans(within === undefined ? undefined : readNetwork(within, 'nothing was listed')).map(rowOf);
}

/** All bans in force in pages, when there are too many to be listed without making others wait. */
export function pagesOfBans(ledger: Ledger): Iterable<readonly BanRow[]> | undefined {
  return ledger.counts().bans <= MOST_LISTED ? undefined : rowsOf(ledger.pages());
}

function* rowsOf(pages: Iterable<readonly Ban[]>): Generator<readonly BanRow[]> {
  for (const page of pages) yield page.map(rowOf);
}

/** Bans by hand, all or nothing: recorded, then in the firewall when this resolves (or owed). Rejects with UsageError, nothing stored. */
export async function banByHand(desk: Desk, request: BanRequest): Promise<readonly BanRow[]> {
  const { networks, forced } = checkBan(desk.allow(), request);
  const since = desk.clock();
  const duration = request.duration === undefined ? desk.bantime() : request.duration;
  const until = duration === null ? null : since + duration;
  const reason = (request.reason ?? '').slice(0, 200);
  const bans: readonly Ban[] = [...new Set(networks)].map((network) => ({
    network,
    jail: HAND_JAIL,
    since,
    until,
    offence: 1,
    origin: 'hand',
    reason,
    ...(forced.has(network) ? { forced: true } : {}),
  }));
  const recorded = desk.ledger.recordBans(bans);
  await withPatience(desk.enforcer.enforce(entriesOf(desk.ledger, recorded)));
  return recorded.map(rowOf);
}

/** The networks of a request, and which of them are banned against the allow-list. Throws UsageError for what must not be banned. */
export function checkBan(
  allow: AllowList,
  request: BanRequest,
): { readonly networks: readonly Network[]; readonly forced: ReadonlySet<Network> } {
  const networks = request.networks.map((word) => readNetwork(word, 'nothing was banned'));
  if (networks.length === 0) throw new UsageError('no network was named; nothing was banned');
  return { networks, forced: new Set(networks.filter((network) => isForced(allow, network, request.force ?? false))) };
}

/** True when the network is banned against the allow-list, because the operator insists. Throws UsageError when it must not be. */
function isForced(allow: AllowList, network: Network, force: boolean): boolean {
  const refusal = allow.refusal(network);
  if (!refusal) return false;
  if (force && refusal.kind === 'allow-listed') return true;
  const reason = refusal.kind === 'own' ? 'is never banned' : 'is allow-listed, take it off the list or use --force';
  throw new UsageError(`${formatNetwork(network)}: ${refusal.because} ${reason}; nothing was banned`);
}

/** Lifts every ban inside each network, or all; lifted in the firewall when this resolves (or owed). Rejects with UsageError. */
export async function unbanByHand(desk: Desk, request: UnbanRequest): Promise<readonly BanRow[]> {
  const ranges = checkUnban(request);
  const ended: Ban[] = [];
  const lifted: Promise<void>[] = [];
  for (const part of request.all ? (['all'] as const) : slicesOf(ranges, MOST_LIFTED)) {
    // Not more than there are now: new ones may keep coming.
    for (let left = desk.ledger.counts().bans; left >= 0; left -= MOST_LIFTED) {
      const some = desk.ledger.unban(part, MOST_LIFTED);
      for (const ban of some) ended.push(ban);
      lifted.push(lift(desk, some, 'by hand'));
      if (some.length < MOST_LIFTED) break;
      await breathe();
    }
  }
  if (ended.length === 0) hintAtWider(desk.ledger, ranges);
  await withPatience(Promise.all(lifted));
  return ended.map(rowOf);
}

function* slicesOf<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size);
}

/** The networks of a request. Throws UsageError. */
export function checkUnban(request: UnbanRequest): readonly Network[] {
  const ranges = request.networks.map((word) => readNetwork(word, 'nothing was lifted'));
  if (!request.all && ranges.length === 0) throw new UsageError('no network was named; nothing was lifted');
  return ranges;
}

/** An IPv6 client is banned with its /64: who names the client alone is told the network. Throws UsageError. */
function hintAtWider(ledger: Ledger, ranges: readonly Network[]): void {
  for (const range of ranges) {
    const [wider] = ledger.bansAround(range);
    if (!wider) continue;
    const [named, banned] = [formatNetwork(range), formatNetwork(wider.network)];
    throw new UsageError(`${named} is banned as a part of ${banned}, unban that; nothing was lifted`);
  }
}

/** What the firewall is told of bans: each network once, with the latest end of all jails. */
export function entriesOf(ledger: Ledger, bans: readonly Ban[]): readonly Entry[] {
  const entries = new Map<Network, Entry>(bans.map(({ network, until }) => [network, { network, until }]));
  for (const entry of ledger.entriesFor([...entries.keys()])) entries.set(entry.network, entry);
  return [...entries.values()];
}

/** Takes ended bans out of the firewall, but for networks that another jail still bans: those keep the end that is left. */
export async function lift(
  desk: Pick<Desk, 'ledger' | 'enforcer' | 'reportEnded'>,
  ended: readonly Ban[],
  because: string,
): Promise<void> {
  if (ended.length === 0) return;
  const networks = [...new Set(ended.map((ban) => ban.network))];
  const kept = desk.ledger.entriesFor(networks);
  const held = new Set(kept.map((entry) => entry.network));
  desk.reportEnded?.(ended, because);
  await Promise.all([desk.enforcer.lift(networks.filter((network) => !held.has(network))), desk.enforcer.enforce(kept)]);
}

/** Judges hits of an old log in log time, records them and sets the bans that are still in force. Hits on record already change nothing. */
export async function judgeHits(
  desk: Desk,
  hits: AsyncIterable<readonly Hit[]>,
  options: { readonly fromNow: boolean },
): Promise<HitsSummary> {
  const judge = desk.newJudge(options.fromNow ? desk.clock() : undefined);
  const seen = new Map<string, number>();
  const sum = { hits: 0, known: 0, spared: 0, watched: 0, held: 0, bans: 0 };
  const set: Ban[] = [];
  let enforced: Promise<void> = Promise.resolve();
  for await (const batch of hits) {
    const novel = desk.ledger.novel(batch, seen);
    const verdicts = judge.decide(novel, desk.ledger.past);
    const bans = desk.ledger.record(verdicts);
    enforced = desk.enforcer.enforce(entriesOf(desk.ledger, bans));
    desk.report?.(verdicts);
    set.push(...bans);
    sum.hits += batch.length;
    sum.known += batch.length - novel.length;
    for (const { kind } of verdicts) {
      if (kind === 'spare') sum.spared += 1;
      else if (kind === 'watch') sum.watched += 1;
      else if (kind === 'held') sum.held += 1;
      else sum.bans += 1;
    }
  }
  await withPatience(enforced);
  return { ...sum, set: set.map(rowOf) };
}

/** Waits for the firewall, but not for ever (milliseconds): what it has not done by then is owed, and `status` says so. */
export async function withPatience(work: Promise<unknown>, patience = PATIENCE): Promise<void> {
  const abort = new AbortController();
  await Promise.race([work, pause(patience, undefined, { signal: abort.signal }).catch(() => {})]);
  abort.abort();
}

function readNetwork(word: string, consequence: string): Network {
  const read = parseNetwork(word);
  if ('network' in read) return read.network;
  throw new UsageError(`${networkFaultText(word, read)}; ${consequence}`);
}

/** A ban as listings show it. */
export function rowOf(ban: Ban): BanRow {
  const { jail, offence, origin, reason } = ban;
  const until = ban.until === null ? null : new Date(ban.until).toISOString();
  return { network: formatNetwork(ban.network), jail, since: new Date(ban.since).toISOString(), until, offence, origin, reason };
}
