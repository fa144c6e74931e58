// Finds bans that have no effect: the client is banned, and still causes hits.
import type { Looked } from '../../actions/enforce.ts';
import { ExpectedError, messageOf } from '../../errors.ts';
import { formatNetwork, type Network } from '../../lib/address.ts';
import { formatDuration } from '../../lib/text/duration.ts';
import type { Status } from '../../words/desk.ts';
import type { Clock, Log, Millis } from '../../words/ports.ts';
import type { Witness } from '../../words/witnesses.ts';
import type { Ban, Hit, Verdict } from '../../words/walk.ts';

/**
 * The grace period, which begins with the first hit of a banned network. Hits in this period do not count, because smtpd may still carry out
 * commands that it received before the ban.
 */
const GRACE: Millis = 60_000;

/** MANY hits of a banned network within SPAN show that its ban has no effect. */
const MANY = 10;
const SPAN: Millis = 60_000;

/** The firewall is checked at most once in this time. Another network that is found in this time is shown by `status`, but not logged. */
const PAUSE: Millis = 60_000;

/** `status` shows a ban without effect until its last hit is older than this. */
const RECENT: Millis = 600_000;

/** The maximum numbers of networks that are watched (MOST_WATCHED) and that `status` lists (MOST_LISTED). */
const MOST_WATCHED = 1000;
const MOST_LISTED = 100;

/** The likely reasons for hits although the firewall holds the ban. */
const OTHER_REASONS =
  'so the client connects to a port that is not closed, comes through a proxy or a container that hides its address, or this is the log of another machine';

/** Ports of an Effect. */
interface EffectPorts {
  readonly log: Log;
  readonly clock: Clock;
  /**
   * Finds out whether the firewalls that have to hold a network held it. Resolves to an empty list when no firewall has to hold it. Rejects
   * when the ledger cannot be read.
   */
  readonly look: (network: Network) => Promise<readonly Looked[]>;
}

/** A banned network that has caused a hit during its ban. */
interface Watched {
  /** The time of the first hit during the ban. */
  from: Millis;
  /** The date of the last hit after the grace period, or `from` when there is no such hit yet. */
  last: Millis;
  /** The dates of the last hits after the grace period, at most MANY of them. */
  readonly dates: Millis[];
  /** The number of hits after the grace period. */
  hits: number;
  /** The jail of the hits and the likely reasons. Undefined until there were MANY hits within SPAN. */
  finding: { readonly jail: string; because: string } | undefined;
}

/** Watches the hits of banned networks. */
export class Effect implements Witness {
  readonly name = 'effect';
  readonly #ports: EffectPorts;
  readonly #watched = new Map<Network, Watched>();
  #lookedAt = -Infinity;
  #purgedAt = -Infinity;

  constructor(ports: EffectPorts) {
    this.#ports = ports;
  }

  /**
   * Counts the hits of banned networks. A hit with a date before the end of the grace period does not count. So old lines that are read late
   * do not count.
   */
  judged(verdicts: readonly Verdict[]): void {
    for (const verdict of verdicts) {
      if (verdict.kind === 'held') this.#count(verdict.network, verdict.hit);
    }
  }

  /** Forgets networks whose ban has ended. */
  ended(bans: readonly Ban[]): void {
    if (this.#watched.size === 0) return;
    for (const { network } of bans) this.#watched.delete(network);
  }

  /** The bans without effect, as `trapline status` shows them. */
  list(): Status['ineffective'] {
    const recent = this.#ports.clock() - RECENT;
    const found = [...this.#watched].flatMap(([network, { finding, from, last, hits }]) =>
      finding && last > recent
        ? [
            {
              network: formatNetwork(network),
              jail: finding.jail,
              since: new Date(from).toISOString(),
              hits,
              because: finding.because,
            },
          ]
        : [],
    );
    return found.slice(0, MOST_LISTED);
  }

  #count(network: Network, hit: Hit): void {
    const now = this.#ports.clock();
    const at = Math.min(hit.at, now);
    const watched = this.#watched.get(network);
    if (!watched) {
      if (this.#hasRoom(now)) this.#watched.set(network, { from: now, last: now, dates: [], hits: 0, finding: undefined });
      return;
    }
    // The clock was set back, so the grace period begins again.
    if (now < watched.from) watched.from = now;
    if (at < watched.from + GRACE) return;
    watched.hits += 1;
    watched.last = at;
    if (watched.finding) return;
    watched.dates.push(at);
    if (watched.dates.length > MANY) watched.dates.shift();
    const [first = at] = watched.dates;
    if (watched.dates.length === MANY && at - first <= SPAN) void this.#report(network, hit.jail, watched);
  }

  /** True when one more network can be watched. If there are MOST_WATCHED, forgets networks without a recent hit, at most once in PAUSE. */
  #hasRoom(now: Millis): boolean {
    if (this.#watched.size < MOST_WATCHED) return true;
    if (Math.abs(now - this.#purgedAt) < PAUSE) return false;
    this.#purgedAt = now;
    for (const [network, { last }] of this.#watched) if (last <= now - RECENT) this.#watched.delete(network);
    return this.#watched.size < MOST_WATCHED;
  }

  async #report(network: Network, jail: string, watched: Watched): Promise<void> {
    const { clock, log } = this.#ports;
    const now = clock();
    const finding = { jail, because: 'the firewall was checked a moment ago for another client' };
    watched.finding = finding;
    if (Math.abs(now - this.#lookedAt) < PAUSE) return;
    this.#lookedAt = now;
    finding.because = await this.#reasons(network);
    if (finding.because === '') {
      this.#watched.delete(network);
      return;
    }
    const time = formatDuration(now - watched.from);
    log.warn(`${jail}: ban of ${formatNetwork(network)} has no effect, hits still come after ${time}: ${finding.because}`);
  }

  /** The likely reasons, one for each firewall that has to hold the network; empty when there is no such firewall. */
  async #reasons(network: Network): Promise<string> {
    try {
      return (await this.#ports.look(network)).map(reasonOf).join('; ');
    } catch (thrown) {
      if (!(thrown instanceof ExpectedError)) throw thrown;
      return messageOf(thrown);
    }
  }
}

/** The likely reason, from the look-up in one action. */
function reasonOf({ action, held, lastError }: Looked): string {
  switch (held) {
    case 'held':
      return `${action} holds the ban, ${OTHER_REASONS}`;
    case 'lacked':
      return `${action} did not apply the ban, this has been corrected`;
    case 'owed':
      return `${action} still has to set the ban${lastError === null ? '' : ` (${lastError})`}`;
    case 'not covered':
      return `${action} cannot hold the ban, because this kernel has no IPv6`;
    case 'unknown':
      return `${action} cannot be asked`;
  }
}
