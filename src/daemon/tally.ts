// Counts hits and bans since the daemon started, for `status`, and logs the verdicts that an operator wants to see.
import { formatNetwork } from '../lib/address.ts';
import { formatDuration } from '../lib/text/duration.ts';
import { RateLimit, Throttle } from '../lib/text/throttle.ts';
import { printable } from '../lib/text/printable.ts';
import type { Clock, Log, Millis } from '../words/ports.ts';
import type { Witness } from '../words/witnesses.ts';
import type { Ban, Hit, Verdict } from '../words/walk.ts';
import type { Owes } from './desk.ts';
import { InOrder } from './rooms/inorder.ts';

/** The maximum number of lines of one kind that are logged in a second. One more line gives the number of lines that were left out. */
const LOUD = 50;

/** A spared client is logged at most once in this time (milliseconds). */
const QUIET = 60_000;

/** The maximum number of jails that are counted. A client of the control socket can send hits of jails that are not configured. */
const MOST_JAILS = 1000;

/** The maximum number of characters of a caller's name, and of the reason of a ban by hand, in a log line. */
const MOST_SHOWN = 100;
const MOST_REASON = 200;

interface Counts {
  hits: number;
  bans: number;
  spared: number;
}

/** The ports of a Tally. */
interface TallyPorts {
  readonly log: Log;
  readonly clock: Clock;
  readonly owes: Owes;
}

/** Counts and logs the verdicts of each jail. Lines about bans wait for the first attempt of the firewall, so that they include its result. */
export class Tally implements Witness {
  readonly name = 'tally';
  readonly #throttle = new Throttle(QUIET);
  readonly #notices: RateLimit;
  readonly #infos: RateLimit;
  readonly #debugs: RateLimit;
  readonly #counts = new Map<string, Counts>();
  readonly #lines = new InOrder();
  readonly #ports: TallyPorts;

  constructor(ports: TallyPorts) {
    const { log } = ports;
    this.#ports = ports;
    this.#notices = new RateLimit(LOUD, (text) => log.notice(text));
    this.#infos = new RateLimit(LOUD, (text) => log.info(text));
    this.#debugs = new RateLimit(LOUD, (text) => log.debug(text));
  }

  /**
   * Counts verdicts; logs every ban, and the first spared hit of a client in a minute. Lines beyond 50 in a second are only counted. A ban may
   * be over when its line is read: the line came late, or its clock or time zone is wrong. Such a ban has no effect, and this is logged.
   */
  judged(verdicts: readonly Verdict[], enforced: Promise<void>): void {
    const now = this.#ports.clock();
    for (const verdict of verdicts) {
      const counts = this.of(verdict.hit.jail);
      counts.hits += 1;
      if (verdict.kind === 'ban' && !isOver(verdict.ban.until, now)) counts.bans += 1;
      if (verdict.kind === 'spare') counts.spared += 1;
    }
    const bans = verdicts.some(({ kind }) => kind === 'ban');
    this.#lines.take(bans ? enforced : undefined, () => {
      for (const verdict of verdicts) this.#log(verdict, now);
    });
  }

  /** Logs bans by hand, and who asked for them. */
  banned(bans: readonly Ban[], by: string | undefined, enforced: Promise<void>): void {
    const who = by === undefined ? '' : `, asked by "${printable(by, MOST_SHOWN)}"`;
    this.#lines.take(enforced, () => {
      for (const ban of bans) {
        const why = ban.reason === '' ? '' : `: ${printable(ban.reason, MOST_REASON)}`;
        this.#notices.pass(`${ban.jail}: ban`, () => `${ban.jail}: ban ${banText(ban)} by hand${who}${why}${this.#owedText(ban)}`);
      }
    });
  }

  /** Logs bans that are over or lifted. */
  ended(ended: readonly Ban[], because: string): void {
    this.#lines.take(undefined, () => {
      for (const { jail, network } of ended) {
        this.#notices.pass(`${jail}: unban`, () => `${jail}: unban ${formatNetwork(network)}: ${because}`);
      }
    });
  }

  /** Logs the lines that still wait, and the number of lines that were left out until now. */
  flush(): void {
    this.#lines.flush();
    for (const limit of [this.#notices, this.#infos, this.#debugs]) limit.flush();
  }

  /** The counts of a jail. */
  of(jail: string): Counts {
    let counts = this.#counts.get(jail);
    if (!counts) {
      counts = { hits: 0, bans: 0, spared: 0 };
      if (this.#counts.size < MOST_JAILS) this.#counts.set(jail, counts);
    }
    return counts;
  }

  /** Logs a verdict of the instant `now`. */
  #log(verdict: Verdict, now: Millis): void {
    const { jail, address } = verdict.hit;
    if (verdict.kind === 'ban' && isOver(verdict.ban.until, now)) {
      this.#notices.pass(`${jail}: already over`, () => `${jail}: ${overText(verdict.ban)}: ${hitText(verdict.hit)}`);
    } else if (verdict.kind === 'ban') {
      const { ban, hit, note } = verdict;
      const more = note === undefined ? '' : `; ${note}`;
      this.#notices.pass(`${jail}: ban`, () => `${jail}: ban ${banText(ban)}: ${hitText(hit)}${more}${this.#owedText(ban)}`);
    } else if (verdict.kind === 'spare') {
      this.#throttle.pass(
        `${jail} ${address}`,
        `${jail}: ${address} not banned, ${verdict.because}: ${hitText(verdict.hit)}`,
        (text) => this.#notices.pass(`${jail}: not banned`, () => text),
      );
    } else if (verdict.kind === 'watch') {
      const { count, maxretry } = verdict;
      this.#infos.pass(`${jail}: hit`, () => `${jail}: ${address}, hit ${count} of ${maxretry}: ${hitText(verdict.hit)}`);
    } else {
      const what = isOver(verdict.until, now) ? 'was banned at the time of the hit' : 'is banned already';
      this.#debugs.pass(`${jail}: banned already`, () => `${jail}: ${address} ${what}: ${hitText(verdict.hit)}`);
    }
  }

  /** A clause for the log when a ban is not in force yet, with the reason. Empty when the firewall holds the ban. */
  #owedText(ban: Ban): string {
    const reason = this.#ports.owes(ban);
    if (reason === undefined) return '';
    return `; recorded, not in force${reason === null ? ' yet' : `: ${reason}`}`;
  }
}

function banText(ban: Ban): string {
  const length = ban.until === null ? 'for ever' : `for ${formatDuration(ban.until - ban.since)}`;
  return `${formatNetwork(ban.network)} ${length}${ban.offence > 1 ? ` (offence ${ban.offence})` : ''}`;
}

function isOver(until: Millis | null, now: Millis): boolean {
  return until !== null && until <= now;
}

/** Makes a text like `192.0.2.7 already over, not banned: the ban of 1h ended at 2026-11-25T13:00:00.000Z`. */
function overText({ network, since, until }: Ban): string {
  const length = until === null ? '' : `: the ban of ${formatDuration(until - since)} ended at ${new Date(until).toISOString()}`;
  return `${formatNetwork(network)} already over, not banned${length}`;
}

function hitText(hit: Hit): string {
  return `rule ${hit.rule}${hit.fields.trap === undefined ? '' : `, trap ${printable(hit.fields.trap, 80)}`}`;
}
