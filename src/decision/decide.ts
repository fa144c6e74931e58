// The door of decision: hits in, verdicts out. Pure: time comes from the hit, history from the ledger through `past`.
import { familyOf, formatNetwork, hostNetwork, networkOf, type Address, type Network } from '../lib/address.ts';
import type { Ban, Hit, Millis, Past, Subject, Verdict } from '../types.ts';
import type { AllowList } from './allowlist.ts';
import { banTime, offenceNumber, type Increment } from './bantime.ts';
import { Window } from './window.ts';

export { AllowList, type AllowPorts, type Refreshed, type Refusal } from './allowlist.ts';
export type { Increment } from './bantime.ts';

/** How a jail decides. */
export interface JailPolicy {
  readonly name: string;
  /** Hits within `findtime` that make a ban, at least 1. */
  readonly maxretry: number;
  readonly findtime: Millis;
  /** Length of the first ban; null: for ever. */
  readonly bantime: Millis | null;
  /** How bans grow with each offence; undefined: they do not. */
  readonly increment: Increment | undefined;
  /** Hits are counted, and bans made, for the network of this prefix length around the client. */
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
  /** Never banned by this jail: addresses, networks, files. */
  readonly ignoreip: readonly string[];
}

/** What is asked of the ledger: one answer for each, in order. */
export type PastOf = (asked: readonly Subject[]) => readonly Past[];

/** What else a judge can be told. */
export interface JudgeOptions {
  /** Networks with hits that are kept in mind over all jails. Default: a million. */
  readonly windowLimit?: number;
  /** Bans begin at this instant instead of at the hit's. */
  readonly fromNow?: Millis;
}

interface Jail {
  readonly policy: JailPolicy;
  readonly window: Window;
}

/** A hit before it is weighed: whom it is about, or why it is spared. */
type Looked =
  | { readonly hit: Hit; readonly key: string; readonly network: undefined; readonly because: string }
  | { readonly hit: Hit; readonly key: string; readonly network: Network; readonly jail: Jail; readonly note: string | undefined };

const NOTHING_KNOWN: Past = { bannedUntil: undefined, lastOffence: undefined, offences: 0 };

/** Decides for each hit whether its client is spared, watched, held already or banned now. */
export class Judge {
  readonly #jails: ReadonlyMap<string, Jail>;
  readonly #allow: AllowList;
  readonly #fromNow: Millis | undefined;

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
   * One verdict for each hit, in order. Later hits of one call see the bans that earlier ones brought. When `past` throws, no hit of the
   * call has been counted.
   */
  decide(hits: readonly Hit[], past: PastOf): readonly Verdict[] {
    const looked = hits.map((hit) => this.#look(hit));
    const asked = new Map<string, Subject>();
    for (const { key, network, hit } of looked) if (network !== undefined) asked.set(key, { network, jail: hit.jail });
    const known = asked.size > 0 ? past([...asked.values()]) : [];
    const pasts = new Map<string, Past>([...asked.keys()].map((key, index) => [key, known[index] ?? NOTHING_KNOWN]));
    return looked.map((seen) => {
      if (seen.network === undefined) return { kind: 'spare', hit: seen.hit, because: seen.because };
      const verdict = this.#weigh(seen.hit, seen.jail, seen.network, pasts.get(seen.key) ?? NOTHING_KNOWN);
      if (verdict.kind !== 'ban') return verdict;
      const { until, since, offence } = verdict.ban;
      pasts.set(seen.key, { bannedUntil: until, lastOffence: since, offences: offence });
      return seen.note === undefined ? verdict : { ...verdict, note: seen.note };
    });
  }

  /** Fills the windows with hits that were watched before the program started, oldest first; nothing is decided. */
  restore(hits: readonly Hit[]): void {
    for (const hit of hits) {
      const jail = this.#jails.get(hit.jail);
      if (jail && this.#allow.spares(hit.address, hit.jail) === undefined) {
        jail.window.add(this.#subject(hit.address, jail.policy).network, hit.at);
      }
    }
  }

  #look(hit: Hit): Looked {
    const jail = this.#jails.get(hit.jail);
    const because = jail ? this.#allow.spares(hit.address, hit.jail) : 'no such jail here';
    if (!jail || because !== undefined) return { hit, key: '', network: undefined, because: because ?? '' };
    const { network, note } = this.#subject(hit.address, jail.policy);
    return { hit, key: `${hit.jail} ${network}`, network, jail, note };
  }

  /** The network that answers for a client: the jail's prefix around it, or the client alone when an allowed address is in there. */
  #subject(address: Address, policy: JailPolicy): { network: Network; note: string | undefined } {
    const network = networkOf(address, familyOf(address) === 4 ? policy.ipv4Prefix : policy.ipv6Prefix);
    const host = hostNetwork(address);
    if (network === host) return { network, note: undefined };
    const allowed = this.#allow.touches(network, policy.name);
    if (allowed === undefined) return { network, note: undefined };
    return { network: host, note: `${network} narrowed to ${formatNetwork(host)}, it holds ${allowed}` };
  }

  #weigh(hit: Hit, { policy, window }: Jail, network: Network, past: Past): Verdict {
    const { bannedUntil } = past;
    if (bannedUntil === null || (bannedUntil !== undefined && bannedUntil > hit.at)) {
      return { kind: 'held', hit, network, until: bannedUntil };
    }
    const { count, newest } = window.add(network, hit.at);
    if (count < policy.maxretry) return { kind: 'watch', hit, network, count, maxretry: policy.maxretry };
    window.clear(network);
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
