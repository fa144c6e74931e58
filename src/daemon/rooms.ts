// From the configuration to the rooms: each function builds one room from the options that are its own.
import { dirname } from 'node:path';
import { detectAction, Enforcer, loadAction } from '../actions/enforce.ts';
import type { Config } from '../config/load.ts';
import { AllowList, Judge } from '../decision/decide.ts';
import { createMatcher, loadFilter, type Matcher } from '../filters/match.ts';
import { Ledger } from '../ledger/record.ts';
import { packagePath } from '../package.ts';
import type { Action, Clock, Log, Millis, Source } from '../types.ts';

/** Past offences are kept this long at least, for whoever looks into the ledger. */
const OFFENCE_RETENTION: Millis = 90 * 86_400_000;

/** What every room may be handed. */
export interface Ports {
  readonly log: Log;
  readonly clock: Clock;
}

/** The rooms that a reload exchanges, all built from one configuration. */
export interface Swappable {
  readonly config: Config;
  readonly matcher: Matcher;
  readonly allow: AllowList;
  readonly judge: Judge;
}

/** Where filters are looked for: the operator's own first. */
export const filterFolders = (config: Config): readonly string[] => [config.filtersFolder, packagePath('filters')];

/** Where actions are looked for: the operator's own first. */
export const actionFolders = (config: Config): readonly string[] => [config.actionsFolder, packagePath('actions')];

/** Builds matcher, allow-list and judge. Throws ConfigError; changes nothing. */
export function buildSwappable(config: Config, { log, clock }: Ports): Swappable {
  const allow = buildAllowList(config, clock);
  return { config, allow, matcher: buildMatcher(config, log), judge: buildJudge(config, allow) };
}

/** The filters of all jails. Throws ConfigError. */
export function buildMatcher(config: Config, log: Log): Matcher {
  const folders = filterFolders(config);
  const jails = config.jails.map(({ name, filter, settings, rules }) => ({
    jail: name,
    filter: loadFilter(filter, { settings, folders }),
    rules,
  }));
  return createMatcher(jails, { log });
}

/** Who is never banned. Throws ConfigError for a file that cannot be used. */
export function buildAllowList(config: Config, clock: Clock): AllowList {
  return AllowList.load(config.jails, {
    clock,
    where: (jail, index) => placeOfAllowed(config, jail, index),
    ...(config.file === null ? {} : { folder: dirname(config.file) }),
  });
}

/** Where an entry of a jail's list is written: the list is that of the defaults, followed by its own. */
function placeOfAllowed({ defaults, where }: Config, jail: string, index: number): string {
  const inherited = defaults.ignoreip.length;
  return index < inherited ? where(['defaults', 'ignoreip', index]) : where(['jails', jail, 'ignoreip', index - inherited]);
}

/** A judge with empty windows; `fromNow`: bans begin then instead of at the hit. */
export function buildJudge(config: Config, allow: AllowList, fromNow?: Millis): Judge {
  return new Judge(config.jails, allow, fromNow === undefined ? {} : { fromNow });
}

/** Fills the windows of a judge with the hits that still count. */
export function restoreWindows({ config, judge }: Swappable, ledger: Ledger, now: Millis): void {
  for (const { name, findtime, maxretry } of config.jails) {
    if (maxretry > 1) judge.restore(ledger.recentHits(name, now - findtime));
  }
}

/** Milliseconds that only go forward. */
const steady: Clock = () => performance.now();

/** The ledger. `busyTimeout`: milliseconds that a write waits for another program. Throws LedgerError. */
export function openLedger(config: Config, ports: Ports & { readonly busyTimeout?: Millis }): Ledger {
  const forget = config.jails.map(({ increment }) => increment?.forget ?? 0);
  const offenceRetention = Math.max(OFFENCE_RETENTION, ...forget);
  return Ledger.open(config.state, { ...ports, steady, hitRetention: config.hitRetention, offenceRetention });
}

/** The firewall, opened. Rejects with ConfigError for options that an action does not know. */
export async function openEnforcer(config: Config, ports: Ports): Promise<Enforcer> {
  const enforcer = new Enforcer(loadActions(config, ports), ports);
  await enforcer.open();
  return enforcer;
}

/** The configured actions, not opened. Throws ConfigError for options that an action does not know. */
export function loadActions(config: Config, ports: Ports): readonly Action[] {
  return config.actions.map(({ type, options }) =>
    loadAction(type === 'auto' ? detectAction() : type, options, { ...ports, folders: [config.actionsFolder] }),
  );
}

/** The sources to follow. */
export async function openSources(config: Config, ports: Ports): Promise<readonly Source[]> {
  // Loaded by the daemon alone: commands follow nothing, and start faster without.
  const { detectSources, openSource } = await import('../sources/read.ts');
  const settings = config.sources === 'auto' ? await detectSources(ports) : config.sources;
  return settings.map((setting) => openSource(setting, ports));
}
