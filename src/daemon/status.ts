// Makes the answer to `trapline status` from the current state of the daemon.
import { hostname } from 'node:os';
import type { Status } from '../words/desk.ts';
import type { House } from './house.ts';
import { pendingOptions } from './reload.ts';

/** The state of the daemon. */
export function statusOf({ config, version, since, now, ledger, enforcer, followers, tally, missed, effect }: House): Status {
  const { bans, hits } = ledger.counts();
  const { unwritten } = ledger;
  const rules = now.matcher.rules();
  const pending = pendingOptions(config, now.config);
  return {
    version,
    pid: process.pid,
    host: hostname(),
    since: new Date(since).toISOString(),
    config: now.config.file ?? null,
    // A changed option takes effect at the next start.
    ledger: config.state,
    ...(pending.length > 0 && { pending }),
    bans: bans + unwritten.bans,
    hits,
    unwritten: unwritten.hits,
    ledgerFault: unwritten.fault,
    sources: followers.status().map((source) => ({ ...source, ...missed.of(source.name) })),
    jails: now.config.jails.map(({ name, filter }) => ({
      name,
      filter,
      stopped: now.matcher.stopped.get(name) ?? null,
      ...tally.of(name),
      rules: rules.filter((rule) => rule.jail === name).map((rule) => ({ name: rule.rule, setAside: rule.setAside })),
    })),
    actions: enforcer.status(),
    ineffective: effect.list(),
  };
}

/** One line about a daemon that has started: the sources that it follows, the firewall, and its bans. */
export function startLine(house: House): string {
  const { version, bans, sources, actions } = statusOf(house);
  const names = actions.map(({ name }) => name).join(', ');
  const failing = actions.find(({ state, blocks }) => state === 'failing' && blocks);
  const what = `${bans} ${bans === 1 ? 'ban' : 'bans'}`;
  const recorded = bans === 0 ? what : `${what} recorded, not all in force`;
  const standing = failing ? `${recorded}, ${failing.name} fails: ${failing.lastError}` : `${what} in force`;
  return `trapline ${version} started: follows ${sources.map(({ name }) => name).join(', ')}, bans in ${names}, ${standing}`;
}
