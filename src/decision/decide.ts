// The entry point of decision: turns hits into verdicts. It reads no clock: time comes from the hit, and history from the ledger through
// `past`.
import type { Network } from '../lib/address.ts';
import type { Millis } from '../words/ports.ts';
import { NOTHING_KNOWN, type Ban, type Hit, type Past, type Subject, type Verdict } from '../words/walk.ts';
import type { AllowList } from './allowlist.ts';
import { banTime, offenceNumber } from './bantime.ts';
import type { JailPolicy } from './options.ts';
import { chargedFor, type Charged } from './subject.ts';
import { Window } from './window.ts';

export { AllowList, type AllowPorts, type Refreshed, type Refusal } from './allowlist.ts';
export type { JailPolicy } from './options.ts';

/** Looks up networks in the ledger, and returns one answer for each, in order. */
export type PastOf = (asked: readonly Subject[]) => readonly Past[];

/** Options of a judge. */
export interface JudgeOptions {
  /** The maximum number of hit times in memory, over all jails together. Default: a million. */
  readonly windowLimit?: number;
  /** Bans begin at this instant, and not at the time of the hit. */
  readonly fromNow?: Millis;
}

interface Jail {
  readonly policy: JailPolicy;
  readonly window: Window;
}

/** The verdict of a hit that the allow-list spares, or whose jail is not configured. */
type Spared = Extract<Verdict, { readonly kind: 'spare' }>;

/** A hit that counts against a network. `key` consists of the jail and the network to ban. */
interface Charge extends Charged {
  readonly kind: 'charge';
  readonly hit: Hit;
  readonly jail: Jail;
  readonly key: string;
}

/** Decides for each hit whether its client is spared, watched, banned already (`held`) or banned now. */
export class Judge {
  readonly #jails: ReadonlyMap<string, Jail>;
  readonly #allow: AllowList;
  readonly #fromNow: Millis | undefined;
  /** Functions that undo the last call of `decide`. Each function restores the earlier hit times of one counted network in one jail. */
  #before = new Map<string, () => void>();

  constructor(policies: readonly JailPolicy[], allow: AllowList, options: JudgeOptions = {}) {
    const counting = policies.filter(({ maxretry }) => maxretry > 1).length;
    const limit = Math.floor((options.windowLimit ?? 1_000_000) / Math.max(1, counting));
    this.#jails = new Map(
      policies.map((policy) => [policy.name, { policy, window: new Window(policy.maxretry, policy.findtime, limit) }]),
    );
    this.#allow = allow;
    this.#fromNow = options.fromNow;
  }

  /**
   * Returns one verdict for each hit, in order. A later hit of a call is judged with the bans that earlier hits of the call caused. When
   * `past` throws, no hit of the call has been counted.
   */
  decide(hits: readonly Hit[], past: PastOf): readonly Verdict[] {
    const looked = hits.map((hit) => this.#look(hit));
    const asked = new Map<string, Subject>();
    for (const seen of looked) if (seen.kind === 'charge') asked.set(seen.key, { network: seen.network, jail: seen.hit.jail });
    const known = asked.size > 0 ? past([...asked.values()]) : [];
    const pasts = new Map<string, Past>([...asked.keys()].map((key, index) => [key, known[index] ?? NOTHING_KNOWN]));
    this.#before = new Map();
    return looked.map((seen) => {
      if (seen.kind === 'spare') return seen;
      this.#remember(seen);
      const verdict = this.#weigh(seen, pasts.get(seen.key) ?? NOTHING_KNOWN);
      if (verdict.kind !== 'ban') return verdict;
      const { until, since, offence } = verdict.ban;
      pasts.set(seen.key, { bannedUntil: until, lastOffence: since, offences: offence });
      return seen.note === undefined ? verdict : { ...verdict, note: seen.note };
    });
  }

  /** Undoes the counts of the last call of `decide`, because its verdicts could not be recorded and its hits will be read again. */
  takeBack(): void {
    for (const putBack of this.#before.values()) putBack();
    this.#before = new Map();
  }

  #remember({ hit, counted, jail: { policy, window } }: Charge): void {
    if (policy.maxretry <= 1) return;
    const key = `${hit.jail} ${counted}`;
    if (this.#before.has(key)) return;
    const times = window.timesOf(counted);
    this.#before.set(key, () => window.putBack(counted, times));
  }

  /** Counts hits that were watched before the program started, oldest first. Makes no verdicts. */
  restore(hits: readonly Hit[]): void {
    for (const hit of hits) {
      const jail = this.#jails.get(hit.jail);
      if (jail && this.#allow.spares(hit.address, hit.jail) === undefined) {
        jail.window.add(chargedFor(hit.address, jail.policy, this.#allow).counted, hit.at);
      }
    }
  }

  #look(hit: Hit): Spared | Charge {
    const jail = this.#jails.get(hit.jail);
    if (!jail) return { kind: 'spare', hit, because: 'its jail is not configured' };
    const because = this.#allow.spares(hit.address, hit.jail);
    if (because !== undefined) return { kind: 'spare', hit, because };
    const charged = chargedFor(hit.address, jail.policy, this.#allow);
    return { kind: 'charge', hit, jail, key: `${hit.jail} ${charged.network}`, ...charged };
  }

  #weigh({ hit, network, counted, jail: { policy, window } }: Charge, past: Past): Verdict {
    const { bannedUntil } = past;
    if (bannedUntil === null || (bannedUntil !== undefined && bannedUntil > hit.at)) {
      return { kind: 'held', hit, network, until: bannedUntil };
    }
    const { count, newest } = window.add(counted, hit.at);
    if (count < policy.maxretry) return { kind: 'watch', hit, network, count, maxretry: policy.maxretry };
    window.clear(counted);
    return { kind: 'ban', hit, ban: this.#ban(hit, policy, network, newest, past) };
  }

  #ban(hit: Hit, policy: JailPolicy, network: Network, newest: Millis, past: Past): Ban {
    const offence = offenceNumber(past, newest, policy.increment?.forget);
    const length = banTime(policy.bantime, policy.increment, offence);
    const since = this.#fromNow ?? newest;
    const until = length === null ? null : since + length;
    return { network, jail: policy.name, since, until, offence, origin: 'log', reason: hit.rule };
  }
}
