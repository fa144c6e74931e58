// Counts since the daemon started, for status; and one line in the log for each verdict that an operator wants to see.
import { formatNetwork } from '../lib/address.ts';
import { formatDuration } from '../lib/duration.ts';
import { Seldom, Spate } from '../lib/log.ts';
import { printable } from '../lib/printable.ts';
import type { Ban, Hit, Log, Verdict } from '../types.ts';

/** So many bans, unbans and the like are told one by one in a second. */
const LOUD = 50;

/** Verdicts that changed nothing are told this seldom for each jail and kind (milliseconds). */
const QUIET = 60_000;

interface Counts {
  hits: number;
  bans: number;
  spared: number;
}

/** What became of the hits of each jail. */
export class Tally {
  readonly #seldom = new Seldom(QUIET);
  readonly #notices: Spate;
  readonly #infos: Spate;
  readonly #debugs: Spate;
  readonly #counts = new Map<string, Counts>();

  constructor(log: Log) {
    this.#notices = new Spate(LOUD, (text) => log.notice(text));
    this.#infos = new Spate(LOUD, (text) => log.info(text));
    this.#debugs = new Spate(LOUD, (text) => log.debug(text));
  }

  /** Counts verdicts and tells of them: every ban, of the others the first of a minute; of very many at once how many they are. */
  report(verdicts: readonly Verdict[]): void {
    for (const verdict of verdicts) {
      const { jail, address } = verdict.hit;
      const counts = this.of(jail);
      counts.hits += 1;
      if (verdict.kind === 'ban') {
        counts.bans += 1;
        const note = verdict.note === undefined ? '' : `; ${verdict.note}`;
        this.#notices.say(`${jail}: ban`, () => `${jail}: ban ${banText(verdict.ban)}: ${hitText(verdict.hit)}${note}`);
      } else if (verdict.kind === 'spare') {
        counts.spared += 1;
        this.#seldom.say(
          `${jail} ${address}`,
          `${jail}: ${address} not banned, ${verdict.because}: ${hitText(verdict.hit)}`,
          (text) => this.#notices.say(`${jail}: not banned`, () => text),
        );
      } else if (verdict.kind === 'watch') {
        const { count, maxretry } = verdict;
        this.#infos.say(`${jail}: hit`, () => `${jail}: ${address}, hit ${count} of ${maxretry}: ${hitText(verdict.hit)}`);
      } else {
        this.#debugs.say(`${jail}: banned already`, () => `${jail}: ${address} is banned already: ${hitText(verdict.hit)}`);
      }
    }
  }

  /** Tells of bans that are over or lifted. */
  reportEnded(ended: readonly Ban[], because: string): void {
    for (const { jail, network } of ended) {
      this.#notices.say(`${jail}: unban`, () => `${jail}: unban ${formatNetwork(network)}: ${because}`);
    }
  }

  /** Tells what was held back until now. */
  flush(): void {
    for (const spate of [this.#notices, this.#infos, this.#debugs]) spate.flush();
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
