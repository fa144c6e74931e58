// Checks the rows of the ledger like any other input. Otherwise a user who may write to the file could pass any text to the commands of the
// firewall, which run as root.
import { parseAddress, parseNetwork, type Address, type Network } from '../../lib/address.ts';
import { shownOf, textOf } from '../../lib/store/cells.ts';
import type { Row } from '../../lib/store/driver.ts';
import { printable } from '../../lib/text/printable.ts';
import { Throttle } from '../../lib/text/throttle.ts';
import type { Log, Millis } from '../../words/ports.ts';
import type { Ban, Hit, Verdict } from '../../words/walk.ts';

/** The last instant of a Date (milliseconds; ECMA-262, 21.4.1.1). The first instant is the negative of this number. */
export const LAST_INSTANT = 8.64e15;

/** A bad row is reported at most once in this time (milliseconds). */
const QUIET: Millis = 600_000;

/** The maximum number of bad rows that are named in the log. */
const MOST_NAMED = 100;

/**
 * The SQL condition for a row of bans that this program could have written. In addition, `RowReader` parses the network of a row. The plus before
 * `until` keeps the engine from using the index of `until` for this condition, instead of for the condition of the query.
 */
export const IS_SOUND = `(+until IS NULL OR +until BETWEEN -${LAST_INSTANT} AND ${LAST_INSTANT})
  AND since BETWEEN -${LAST_INSTANT} AND ${LAST_INSTANT} AND jail NOT GLOB '*[^a-z0-9-]*' AND origin IN ('log', 'hand')
  AND typeof(offence) = 'integer' AND offence > 0 AND typeof(reason) = 'text' AND network NOT GLOB '*[^0-9a-f.:/]*'
  AND instr(network, char(0)) = 0`;

const KINDS: ReadonlySet<unknown> = new Set<Verdict['kind']>(['spare', 'watch', 'held', 'ban']);

/** The usual IPv6 /64 in the form of RFC 5952: the zeros at its end are the longest run of zeros, so `::` stands for them. */
const USUAL_IPV6 = /^(?:(?:0|[1-9a-f][0-9a-f]{0,3}):){0,3}[1-9a-f][0-9a-f]{0,3}::\/64$/;

/** Reads rows of one ledger. For a bad row it returns undefined and logs a warning; the row stays in the file. */
export class RowReader {
  readonly #throttle = new Throttle(QUIET);
  readonly #named = new Set<string>();
  readonly #name: string;
  readonly #log: Pick<Log, 'warn'>;

  /** `name`: the name of the ledger in messages. */
  constructor(name: string, log: Pick<Log, 'warn'>) {
    this.#name = name;
    this.#log = log;
  }

  /** A ban, from the columns of the table of bans. */
  ban(row: Row): Ban | undefined {
    const { network, jail, since, until, offence, origin, forced } = row;
    const reason = textOf(row['reason']);
    if (!isNetwork(network)) return this.#skip('bans', 'network', network);
    if (!isJail(jail)) return this.#skip('bans', 'jail', jail);
    if (!isInstant(since)) return this.#skip('bans', 'since', since);
    if (until !== null && !isInstant(until)) return this.#skip('bans', 'until', until);
    if (!isCount(offence)) return this.#skip('bans', 'offence', offence);
    if (origin !== 'log' && origin !== 'hand') return this.#skip('bans', 'origin', origin);
    if (reason === undefined) return this.#skip('bans', 'reason', row['reason']);
    return { network, jail, since, until, offence, origin, reason, ...(forced === 1 ? { forced: true } : {}) };
  }

  /** The network of a row of the table of bans. */
  network({ network }: Row): Network | undefined {
    return isNetwork(network) ? network : this.#skip('bans', 'network', network);
  }

  /** A hit of a jail, without its texts, from the columns of the table of hits. */
  hit(jail: unknown, { rule, address, at, key, network, verdict }: Row): Hit | undefined {
    if (!isJail(jail)) return this.#skip('hits', 'jail', jail);
    if (typeof rule !== 'string') return this.#skip('hits', 'rule', rule);
    if (!isAddress(address)) return this.#skip('hits', 'address', address);
    if (!isInstant(at)) return this.#skip('hits', 'at', at);
    if (typeof key !== 'string') return this.#skip('hits', 'key', key);
    if (network !== null && !isNetwork(network)) return this.#skip('hits', 'network', network);
    if (!KINDS.has(verdict)) return this.#skip('hits', 'verdict', verdict);
    return { jail, rule, address, at, key, fields: {} };
  }

  /** True when the columns of an offence are sound. `forever` is the end of an offence without an end. A row that is not sound must not count. */
  isOffence(offence: unknown, since: unknown, end: unknown, forever: number): boolean {
    if (!isCount(offence)) return this.#skip('offences', 'offence', offence) ?? false;
    if (!isInstant(since)) return this.#skip('offences', 'since', since) ?? false;
    if (end !== forever && !isInstant(end)) return this.#skip('offences', 'until', end) ?? false;
    return true;
  }

  #skip(table: string, column: string, value: unknown): undefined {
    const what = `${this.#name}: a row of "${table}" has ${column} "${printable(shownOf(value), 64)}"`;
    const text = `${what}, correct or delete it; the row does not count and stays as it is`;
    if (this.#named.size < MOST_NAMED) this.#named.add(text);
    const others = `${this.#name}: more than ${MOST_NAMED} rows are bad; the others are not named, do not count and stay as they are`;
    const line = this.#named.has(text) ? text : others;
    this.#throttle.pass(line, line, (passed) => this.#log.warn(passed));
  }
}

/** True for a network in the canonical form that `parseNetwork` returns. The usual forms are matched by pattern, because parsing is slow. */
export function isNetwork(value: unknown): value is Network {
  if (typeof value !== 'string' || value.length > 49) return false;
  if (value.endsWith('/32') && !value.includes(':')) return isAddress(value.slice(0, -3));
  if (USUAL_IPV6.test(value)) return true;
  const read = parseNetwork(value);
  return 'network' in read && read.network === value;
}

function isAddress(value: unknown): value is Address {
  return typeof value === 'string' && value.length <= 45 && parseAddress(value) === value;
}

function isJail(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value);
}

function isInstant(value: unknown): value is Millis {
  return typeof value === 'number' && Math.abs(value) <= LAST_INSTANT;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
