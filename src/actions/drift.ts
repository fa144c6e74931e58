// Works out how a firewall differs from the bans that it should hold, and which differences need a repair.
import type { Network } from '../lib/address.ts';
import type { Action, Drift, Entry, Wanted } from '../words/firewall.ts';
import type { Clock, Millis } from '../words/ports.ts';

/** A ban that ends within this time may be gone from the firewall already, because kernel and ledger round its end differently. */
const ROUNDING: Millis = 2000;

/** All wanted entries, as one list. */
export function allOf(wanted: Wanted): readonly Entry[] {
  const found = wanted(Infinity);
  return 'sample' in found ? found.sample : found;
}

/** Compares the wanted entries with the networks that a firewall holds. The result includes bans that are about to end. */
export function driftBetween(wanted: readonly Entry[], held: readonly Network[]): Drift {
  const extra = new Set(held);
  const missing = wanted.filter(({ network }) => !extra.has(network));
  for (const { network } of wanted) extra.delete(network);
  return { kind: 'listed', missing, extra: [...extra] };
}

/** The differences between a firewall and the ledger that need a repair. */
export interface Deviation {
  /** The number of missing bans plus the number of surplus networks; 1 when a sample is incomplete. 0: there is nothing to repair. */
  readonly count: number;
  /** The difference in words, for the log. */
  readonly text: string;
  /** The networks in the firewall that are not banned. Empty when only a sample was looked up. */
  readonly extra: readonly Network[];
  /** The banned networks that the firewall lacks. Undefined when a sample was looked up and is incomplete. */
  readonly missing: readonly Network[] | undefined;
}

/**
 * Asks a firewall how it differs from the wanted bans. Leaves out networks that wait to be set or lifted (`waits`), networks that the
 * action does not cover, and bans that are about to end. Resolves to undefined when the firewall cannot be asked. After a complete sample,
 * opens the action again, because a lookup of bans does not detect a missing rule. Rejects when a call of the action rejects.
 */
export async function deviationOf(
  action: Action,
  wanted: Wanted,
  options: { readonly clock: Clock; readonly waits: (network: Network) => boolean },
): Promise<Deviation | undefined> {
  const counts = ({ network, until }: Entry): boolean =>
    (action.covers?.(network) ?? true) && !options.waits(network) && (until === null || until > options.clock() + ROUNDING);
  const drift = await action.check((most) => {
    const found = wanted(most);
    return 'sample' in found ? { ...found, sample: found.sample.filter(counts) } : found;
  });
  if (drift.kind === 'unknown') return undefined;
  if (drift.kind === 'sampled') {
    if (drift.complete) await action.open();
    const text = `of ${drift.looked} bans in a sample, some were missing`;
    return drift.complete ? { count: 0, text, missing: [], extra: [] } : { count: 1, text, missing: undefined, extra: [] };
  }
  const missing = drift.missing.filter(counts).map(({ network }) => network);
  const extra = drift.extra.filter((network) => !options.waits(network));
  const text = `${missing.length} bans were missing and ${extra.length} were too many`;
  return { count: missing.length + extra.length, text, missing, extra };
}

/**
 * True when entries have to be set again because the action shortened them to its `horizon`. This needs two conditions: half of the horizon
 * has passed since all entries were last set (at `since`), and an entry ends later than `since` plus horizon.
 */
export function mustRenew(
  { horizon }: Pick<Action, 'horizon'>,
  entries: () => readonly Entry[],
  since: Millis,
  now: Millis,
): boolean {
  if (horizon === undefined || Math.abs(now - since) < horizon / 2) return false;
  return entries().some(({ until }) => until === null || until > since + horizon);
}
