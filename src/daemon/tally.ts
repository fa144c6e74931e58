// Counts since the daemon started, for status; and one line in the log for each verdict that an operator wants to see.
import { formatNetwork } from '../lib/address.ts';
import { formatDuration } from '../lib/duration.ts';
import { Seldom } from '../lib/log.ts';
import { printable } from '../lib/printable.ts';
import type { Ban, Hit, Log, Verdict } from '../types.ts';

/** Verdicts that changed nothing are told this seldom for each jail and kind (milliseconds). */
const QUIET = 60_000;

interface Counts {
  hits: number;
  bans: number;
  spared: number;
}

/** What became of the hits of each jail. */
export class Tally {
  readonly #log: Log;
  readonly #seldom = new Seldom(QUIET);
  readonly #counts = new Map<string, Counts>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Counts verdicts and tells of them: every ban; of the others the first of a minute. */
  report(verdicts: readonly Verdict[]): void {
    for (const verdict of verdicts) {
      const { jail, address } = verdict.hit;
      const counts = this.of(jail);
      counts.hits += 1;
      if (verdict.kind === 'ban') {
        counts.bans += 1;
        const note = verdict.note === undefined ? '' : `; ${verdict.note}`;
        this.#log.notice(`${jail}: ban ${banText(verdict.ban)}: ${hitText(verdict.hit)}${note}`);
      } else if (verdict.kind === 'spare') {
        counts.spared += 1;
        this.#seldom.say(
          `${jail} ${address}`,
          `${jail}: ${address} not banned, ${verdict.because}: ${hitText(verdict.hit)}`,
          (text) => this.#log.notice(text),
        );
      } else if (verdict.kind === 'watch') {
        this.#log.info(`${jail}: ${address}, hit ${verdict.count} of ${verdict.maxretry}: ${hitText(verdict.hit)}`);
      } else {
        this.#log.debug(`${jail}: ${address} is banned already: ${hitText(verdict.hit)}`);
      }
    }
  }

  /** Tells of bans that are over or lifted. */
  reportEnded(ended: readonly Ban[], because: string): void {
    for (const ban of ended) this.#log.notice(`${ban.jail}: unban ${formatNetwork(ban.network)}: ${because}`);
  }

  /** The counts of a jail. */
  of(jail: string): Counts {
    let counts = this.#counts.get(jail);
    if (!counts) {
      counts = { hits: 0, bans: 0, spared: 0 };
      this.#counts.set(jail, counts);
    }
    return counts;
  }
}

function banText(ban: Ban): string {
  const length = ban.until === null ? 'for ever' : `for ${formatDuration(ban.until - ban.since)}`;
  return `${formatNetwork(ban.network)} ${length}${ban.offence > 1 ? ` (offence ${ban.offence})` : ''}`;
}

function hitText(hit: Hit): string {
  return `rule ${hit.rule}${hit.fields.trap === undefined ? '' : `, trap ${printable(hit.fields.trap, 80)}`}`;
}
