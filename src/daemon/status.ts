// The answer to "how are you": gathered from the rooms when asked, kept nowhere.
import type { Enforcer } from '../actions/enforce.ts';
import type { Ledger } from '../ledger/record.ts';
import type { Millis, Status } from '../types.ts';
import type { Followers } from './followers.ts';
import type { Swappable } from './rooms.ts';
import type { Tally } from './tally.ts';

/** The rooms that the status is read from. */
export interface Told {
  readonly version: string;
  readonly since: Millis;
  readonly now: Swappable;
  readonly ledger: Ledger;
  readonly enforcer: Enforcer;
  readonly followers: Followers;
  readonly tally: Tally;
}

/** What the daemon is doing. */
export function statusOf({ version, since, now, ledger, enforcer, followers, tally }: Told): Status {
  const { bans, hits } = ledger.counts();
  const { unwritten } = ledger;
  const rules = now.matcher.rules();
  return {
    version,
    pid: process.pid,
    since: new Date(since).toISOString(),
    config: now.config.file ?? null,
    ledger: now.config.state,
    bans: bans + unwritten.bans,
    hits,
    unwritten: unwritten.hits,
    sources: followers.status(),
    jails: now.config.jails.map(({ name, filter }) => ({
      name,
      filter,
      ...tally.of(name),
      rules: rules.filter((rule) => rule.jail === name).map((rule) => ({ name: rule.rule, setAside: rule.setAside })),
    })),
    actions: enforcer.status(),
  };
}
