// Reloads the configuration: first builds all new objects, which may fail; then puts them into use between two batches. Logs changes that
// take effect only at the next start.
import { scopesOf, type Config } from '../config/load.ts';
import type { Part, StaffedHouse } from './house.ts';
import { buildSwappable, loadActions, restoreWindows, withNames } from './rooms/build.ts';
import { reportStopped } from './stopped.ts';

/** Options that take effect only at the next start, by their names in the configuration. Each function reads the value of its option. */
const FIXED: Readonly<Record<string, (config: Config) => unknown>> = {
  state: ({ state }) => state,
  control: ({ control }) => control,
  actions: ({ actions }) => actions,
  log_level: ({ logLevel }) => logLevel,
  hit_retention: ({ hitRetention }) => hitRetention,
};

/** Reads the configuration and puts it into use. Rejects with ConfigError; then the running configuration stays in use. */
export async function reload(house: StaffedHouse, parts: readonly Part[]): Promise<void> {
  const { config, log, ledger, clock } = house;
  const next = await withNames(await house.readConfig(), house);
  // Changed actions take effect at the next start, but are checked now. Until that start, each running action keeps its scope.
  const isSame = sameOption(config.actions, next.actions);
  const names = isSame ? house.enforcer.names : loadActions(next, house).map(({ name }) => name);
  const nextScopes = scopesOf(next, names);
  const scopes = isSame ? nextScopes : house.now.scopes;
  // A reload does not stop a working jail: a fault in its filter makes the whole reload fail.
  const { stopped } = house.now.matcher;
  const swappable = buildSwappable(next, scopes, house, (jail) => stopped.has(jail));
  const swaps = await Promise.all(parts.map(async (part) => part.reload?.(house, next)));
  restoreWindows(swappable, ledger, clock());
  house.now = swappable;
  for (const swap of swaps) await swap?.();
  await reportStopped(house, stopped.size);
  const pending = pendingOptions(config, next);
  if (pending.length > 0) log.warn(`${listOf(pending)} changed in the configuration; the change takes effect at the next start`);
  log.notice('configuration read again');
}

/** The changed options that take effect only at the next start. `config`: the configuration of the start. `next`: that of the last reload. */
export function pendingOptions(config: Config, next: Config): readonly string[] {
  return Object.entries(FIXED).flatMap(([name, of]) => (sameOption(of(config), of(next)) ? [] : [name]));
}

function sameOption(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/**
 * Makes `work` sequential: a call during another one begins when that one has ended, even if it failed. Calls that wait share one run, because
 * each of them came before that run begins.
 */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    waiting = undefined;
    const own = work().finally(() => {
      running = undefined;
    });
    running = own;
    return own;
  };
  return () => {
    if (!running && !waiting) return begin();
    waiting ??= Promise.resolve(running)
      .catch(() => {})
      .then(begin);
    return waiting;
  };
}
