// Carries out requests of an operator on ledger, allow-list and Court. The daemon uses these functions, and so do commands when no daemon runs.
import { setImmediate as breathe } from 'node:timers/promises';
import type { AllowList } from '../decision/decide.ts';
import { UsageError } from '../errors.ts';
import { Occurrences, type Ledger } from '../ledger/record.ts';
import { formatNetwork, networkFaultText, parseNetwork, type Network } from '../lib/address.ts';
import type { Translators } from '../lib/networks/translators.ts';
import { waitAtMost } from '../lib/patience.ts';
import { printable } from '../lib/text/printable.ts';
import type { Court } from '../walk/court.ts';
import { LONGEST_REASON, type BanRequest, type BanRow, type HitsSummary, type UnbanRequest } from '../words/desk.ts';
import type { Clock, Millis } from '../words/ports.ts';
import { HAND_JAIL, type Ban, type Hit } from '../words/walk.ts';

/** The objects that requests use. */
export interface Desk {
  readonly ledger: Ledger;
  readonly allow: () => AllowList;
  readonly court: Court;
  /** Makes a Court that has counted no hits yet, for hits of an old log. With `fromNow`, bans begin at that instant instead of at the hit. */
  readonly courtFor: (fromNow: Millis | undefined) => Court;
  /** How long a ban by hand lasts when the request names no time; null: for ever. */
  readonly bantime: () => Millis | null;
  readonly clock: Clock;
  /** Why the firewalls that hold a ban have not set or lifted it yet, see `Enforcer.owes`. */
  readonly owes: Owes;
}

/** Why the change of a ban is not carried out yet; null when it is under way. Undefined: the firewalls agree with the ledger. */
export type Owes = (ban: Pick<Ban, 'network' | 'jail'>) => string | null | undefined;

/** The maximum number of bans that are lifted at once, which takes about 100 ms. Then the event loop does other work. */
const MOST_LIFTED = 5_000;

/** A wider ban is looked up for at most this number of the requested networks. Each look-up takes time, and a longer list was not typed by hand. */
const MOST_HINTED = 100;

/** The number of bans in a page of a listing. Each client that reads slowly keeps one page in memory. */
const LISTED = 50;

/** The maximum number of characters of a caller's name that are logged. */
const MOST_SHOWN = 100;

/** An answer waits this long for the firewall. Changes that are not made by then stay pending. */
const PATIENCE: Millis = 5_000;

/**
 * Lists the bans in force in pages. With `within`, lists first the bans of networks that contain `within`, then the bans inside `within`.
 * If `within` is an IPv4 network, the bans of its clients behind translators follow. `owes` marks the bans that a firewall does not hold;
 * without `owes` no ban is marked, because the firewall is not known. Throws UsageError when `within` is not a network.
 */
export function pagesOfBans(ledger: Ledger, translators: Translators, within?: string, owes?: Owes): Iterable<readonly BanRow[]> {
  // A change that is under way is carried out in a moment, so only a change that has failed marks its ban.
  const row = (ban: Ban): BanRow => rowOf(ban, translators, owes?.(ban) ?? undefined);
  if (within === undefined) return rowsOf(ledger.standing.pages(undefined, LISTED), row);
  const range = readNetwork(within, 'nothing was listed');
  return rowsOf(pagesAround(ledger, [range, ...translators.formsOf(range)]), row);
}

function* pagesAround(ledger: Ledger, forms: readonly Network[]): Generator<readonly Ban[]> {
  for (const form of forms) {
    yield ledger.standing.around(form).filter(({ network }) => network !== form);
    yield* ledger.standing.pages(form, LISTED);
  }
}

function* rowsOf(pages: Iterable<readonly Ban[]>, row: (ban: Ban) => BanRow): Generator<readonly BanRow[]> {
  for (const page of pages) for (const bans of slicesOf(page, LISTED)) yield bans.map(row);
}

/**
 * Bans all networks by hand, or none. Resolves when the bans are recorded and set, or after PATIENCE. Rejects with UsageError; then no ban
 * is set.
 */
export async function banByHand(desk: Desk, request: BanRequest): Promise<readonly BanRow[]> {
  const { networks, forced } = checkBan(desk.allow(), request);
  const since = desk.clock();
  const duration = request.duration === undefined ? desk.bantime() : request.duration;
  const until = duration === null ? null : since + duration;
  // SQLite returns a text only up to its first NUL.
  const reason = (request.reason ?? '').replaceAll('\0', '\uFFFD');
  const wanted = [...new Set(networks)].map((network): Ban => ({
    network,
    jail: HAND_JAIL,
    since,
    until,
    offence: 1,
    origin: 'hand',
    reason,
    ...(forced.has(network) ? { forced: true } : {}),
  }));
  const { bans, replaced, enforced } = desk.court.ban(wanted, request.by);
  const before = new Map(replaced.map((ban) => [ban.network, ban]));
  await waitAtMost(PATIENCE, enforced, nothingMore);
  return bans.map((ban) => ({ ...settledRow(desk, ban), ...replacedBy(ban, before.get(ban.network)) }));
}

/** The ban that a ban by hand has replaced, if something of it is lost: a later end, or another reason. */
function replacedBy(ban: Ban, before: Ban | undefined): Pick<BanRow, 'replaced'> {
  if (!before) return {};
  const isShorter = (ban.until ?? Infinity) < (before.until ?? Infinity);
  const losesReason = before.reason !== '' && before.reason !== ban.reason;
  return isShorter || losesReason ? { replaced: { until: isoOf(before.until), reason: before.reason } } : {};
}

/** The row of a ban that was set or lifted, after the first attempt of the firewall. */
function settledRow({ allow, owes }: Pick<Desk, 'allow' | 'owes'>, ban: Ban): BanRow {
  const reason = owes(ban);
  return rowOf(ban, allow().translators, reason === null ? `no answer within ${PATIENCE / 1000} s` : reason);
}

/**
 * Checks a request. Returns its networks, and in `forced` the allow-listed networks that `force` bans. Throws UsageError for a network that
 * must not be banned, and for a reason that is too long.
 */
export function checkBan(
  allow: AllowList,
  request: BanRequest,
): { readonly networks: readonly Network[]; readonly forced: ReadonlySet<Network> } {
  const named = request.networks.map((word) => readNetwork(word, 'nothing was banned'));
  const networks = named.flatMap((network) => [network, ...allow.translators.ownFormsOf(network)]);
  if (networks.length === 0) throw new UsageError('no network was named; nothing was banned');
  const { length } = request.reason ?? '';
  if (length > LONGEST_REASON)
    throw new UsageError(`the reason has ${length} characters, at most ${LONGEST_REASON} are allowed; nothing was banned`);
  return { networks, forced: new Set(networks.filter((network) => isForced(allow, network, request.force ?? false))) };
}

/** True when the network is allow-listed and `force` overrides the list. Throws UsageError when the network must not be banned. */
function isForced(allow: AllowList, network: Network, force: boolean): boolean {
  const refusal = allow.refusal(network);
  if (!refusal) return false;
  if (force && refusal.kind === 'allow-listed') return true;
  const reason = refusal.kind === 'own' ? 'is never banned' : 'is allow-listed, take it off the list or use --force';
  throw new UsageError(`${formatNetwork(network)}: ${refusal.because} ${reason}; nothing was banned`);
}

/**
 * Lifts every ban inside each network, or all bans. Resolves when the firewall has removed them, or after PATIENCE. Rejects with UsageError. A
 * request to forgive a network that is not banned is no error.
 */
export async function unbanByHand(desk: Desk, request: UnbanRequest): Promise<readonly BanRow[]> {
  const { ledger, court } = desk;
  const { translators } = desk.allow();
  const ranges = checkUnban(request).flatMap((range) => [range, ...translators.formsOf(range)]);
  const { all = false, forgive = false, by } = request;
  const because = `by hand${by === undefined ? '' : `, asked by "${printable(by, MOST_SHOWN)}"`}${forgive ? ', past offences forgotten' : ''}`;
  const ended: Ban[] = [];
  const lifted: Promise<void>[] = [];
  for (const part of all ? (['all'] as const) : slicesOf(ranges, MOST_LIFTED)) {
    // New bans may come all the time, so the loop ends after about as many bans as there were at its start.
    for (let left = ledger.counts().bans; left >= 0; left -= MOST_LIFTED) {
      const some = ledger.unban(part, MOST_LIFTED, forgive);
      for (const ban of some) ended.push(ban);
      lifted.push(court.lift(some, because));
      // Bad rows do not count, so a slice may have fewer than MOST_LIFTED bans although more follow. Only an empty slice ends the loop.
      if (some.length === 0) break;
      await breathe();
    }
  }
  if (ended.length === 0) hintAtWider(ledger, ranges.slice(0, MOST_HINTED));
  await waitAtMost(PATIENCE, Promise.all(lifted), nothingMore);
  return ended.map((ban) => settledRow(desk, ban));
}

/** Does nothing when the firewall is late. The changes stay pending, and `status` shows their number. */
function nothingMore(): void {}

function* slicesOf<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size);
}

/** Checks a request and returns its networks. Throws UsageError. */
export function checkUnban(request: UnbanRequest): readonly Network[] {
  const ranges = request.networks.map((word) => readNetwork(word, 'nothing was lifted'));
  if (!request.all && ranges.length === 0) throw new UsageError('no network was named; nothing was lifted');
  return ranges;
}

/**
 * Throws UsageError with the network to unban when a banned network contains a requested network. For example, an IPv6 client is banned as
 * its /64, and the request has the address of the client.
 */
function hintAtWider(ledger: Ledger, ranges: readonly Network[]): void {
  for (const range of ranges) {
    const [wider] = ledger.standing.around(range);
    if (!wider) continue;
    const [named, banned] = [formatNetwork(range), formatNetwork(wider.network)];
    throw new UsageError(`${named} is banned as a part of ${banned}, unban that network; nothing was lifted`);
  }
}

/** Judges hits of an old log by the dates of their lines, and sets the bans that are still in force. Hits already on record change nothing. */
export async function judgeHits(
  desk: Desk,
  hits: AsyncIterable<readonly Hit[]>,
  options: { readonly fromNow: boolean },
): Promise<HitsSummary> {
  const court = desk.courtFor(options.fromNow ? desk.clock() : undefined);
  const run = new Occurrences();
  const sum = { hits: 0, known: 0, spared: 0, watched: 0, held: 0, bans: 0 };
  const set: Ban[] = [];
  let enforced: Promise<void> = Promise.resolve();
  for await (const batch of hits) {
    const novel = desk.ledger.novel(batch, run);
    const judged = court.judge(novel);
    enforced = judged.enforced;
    set.push(...judged.bans);
    sum.hits += batch.length;
    sum.known += batch.length - novel.length;
    for (const { kind } of judged.verdicts) sum[SUMMED[kind]] += 1;
  }
  await waitAtMost(PATIENCE, enforced, nothingMore);
  return { ...sum, set: set.map((ban) => settledRow(desk, ban)) };
}

/** The counter for each kind of verdict. */
const SUMMED = { spare: 'spared', watch: 'watched', held: 'held', ban: 'bans' } as const;

function readNetwork(word: string, consequence: string): Network {
  const read = parseNetwork(word);
  if ('network' in read) return read.network;
  throw new UsageError(`${networkFaultText(word, read)}; ${consequence}`);
}

/** A ban as listings show it. `owed`: see BanRow. */
export function rowOf(ban: Ban, translators: Translators, owed?: string): BanRow {
  const { jail, offence, origin, reason } = ban;
  const behind = translators.behind(ban.network);
  return {
    network: formatNetwork(ban.network),
    ...(behind && { client: formatNetwork(behind.ipv4) }),
    jail,
    since: new Date(ban.since).toISOString(),
    until: isoOf(ban.until),
    offence,
    origin,
    reason,
    ...(owed === undefined ? {} : { owed }),
  };
}

function isoOf(at: Millis | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
