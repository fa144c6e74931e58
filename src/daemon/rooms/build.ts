// Builds the objects of the daemon from the configuration: each function builds one object from its own options.
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Enforcer, loadActions as loadAll } from '../../actions/enforce.ts';
import { checkSources, type Config } from '../../config/load.ts';
import { AllowList, Judge } from '../../decision/decide.ts';
import { createMatcher, loadFilter, type Filter, type Matcher } from '../../filters/match.ts';
import { FilterError } from '../../errors.ts';
import { isBusy } from '../../lib/store/faults.ts';
import type { Where } from '../../lib/yaml/yaml.ts';
import { Ledger } from '../../ledger/record.ts';
import { packagePath } from '../../package.ts';
import type { Action, Scope } from '../../words/firewall.ts';
import type { Clock, Log, Millis } from '../../words/ports.ts';
import type { Source } from '../../words/walk.ts';

/** Past offences are kept at least this long, so that an operator can look them up. */
const OFFENCE_RETENTION: Millis = 90 * 86_400_000;

/** The ports that every object may use. */
export interface Ports {
  readonly log: Log;
  readonly clock: Clock;
  /** Writes the lines of the action `print`; standard output by default. */
  readonly write?: (line: string) => void;
}

/** The objects that a reload replaces, all built from one configuration. */
export interface Swappable {
  readonly config: Config;
  readonly matcher: Matcher;
  readonly allow: AllowList;
  readonly judge: Judge;
  /** The bans that each action holds. */
  readonly scopes: readonly Scope[];
}

/** The folders that are searched for filters: the operator's folder first. */
export const filterFolders = (config: Config): readonly string[] => [config.filtersFolder, packagePath('filters')];

/** The folders that are searched for actions: the operator's folder first. */
export const actionFolders = (config: Config): readonly string[] => [config.actionsFolder, packagePath('actions')];

/** Builds matcher, allow-list and judge, and warns of options under a former name. Throws ConfigError; changes nothing. */
export function buildSwappable(
  config: Config,
  scopes: readonly Scope[],
  { log, clock }: Ports,
  mayStop: MayStop = everyJail,
): Swappable {
  for (const text of config.notices) log.warn(text);
  const allow = buildAllowList(config, clock);
  return { config, allow, matcher: buildMatcher(config, log, 'sources', mayStop), judge: buildJudge(config, allow), scopes };
}

/** Decides whether a jail may be stopped for a fault in its filter. If it may not, the fault is thrown. */
type MayStop = (jail: string) => boolean;

const everyJail: MayStop = () => true;

/**
 * Builds the filters of all jails. A jail gets the lines of the sources that it names; every jail gets the lines of old logs. A jail whose
 * filter has a fault is stopped, and the matcher holds the reason. Throws ConfigError for any other fault, and when no jail is left.
 */
export function buildMatcher(
  config: Config,
  log: Log,
  reads: 'sources' | 'old logs' = 'old logs',
  mayStop: MayStop = everyJail,
): Matcher {
  const folders = filterFolders(config);
  const names = config.syslogNames === 'auto' ? undefined : config.syslogNames;
  const faults = new Map<string, FilterError>();
  // Jails with one filter and equal settings share it, because its proof takes some milliseconds.
  const shared = new Map<string, Filter>();
  const jails = config.jails.flatMap(({ name, filter, settings, rules, sources }) => {
    const where: Where = (path, part) => config.where(['jails', name, ...path], part);
    const key = JSON.stringify([filter, settings]);
    try {
      const loaded = shared.get(key) ?? loadFilter(filter, { settings, folders, where, names });
      shared.set(key, loaded);
      return [{ jail: name, filter: loaded, rules, where, sources: reads === 'sources' ? sources : ('all' as const) }];
    } catch (thrown) {
      if (!(thrown instanceof FilterError) || !mayStop(name)) throw thrown;
      faults.set(name, thrown);
      return [];
    }
  });
  const [fault] = faults.values();
  if (fault && jails.length === 0) throw fault;
  return createMatcher(jails, { log, stopped: new Map([...faults].map(([jail, { message }]) => [jail, message])) });
}

/** Builds the allow-list. Throws ConfigError for a file that cannot be used. */
export function buildAllowList(config: Config, clock: Clock): AllowList {
  return AllowList.load(config.jails, {
    clock,
    nat64: config.nat64,
    where: (jail, index) => placeOfAllowed(config, jail, index),
    ...(config.file === null ? {} : { folder: dirname(config.file) }),
  });
}

/** The place of an entry in the configuration: a jail's list consists of the entries of the defaults, followed by its own entries. */
function placeOfAllowed({ defaults, where }: Config, jail: string, index: number): string {
  const inherited = defaults.ignoreip.length;
  return index < inherited ? where(['defaults', 'ignoreip', index]) : where(['jails', jail, 'ignoreip', index - inherited]);
}

/** Builds a judge that has counted no hits yet. With `fromNow`, bans begin at that instant instead of at the hit. */
export function buildJudge(config: Config, allow: AllowList, fromNow?: Millis): Judge {
  return new Judge(config.jails, allow, fromNow === undefined ? {} : { fromNow });
}

/** Gives a judge the recorded hits that still count towards a ban. */
export function restoreWindows({ config, judge }: Swappable, ledger: Ledger, now: Millis): void {
  for (const { name, findtime, maxretry } of config.jails) {
    if (maxretry > 1) judge.restore(ledger.recentHits(name, now - findtime));
  }
}

/** A monotonic clock, in milliseconds. It does not change when the system time is set. */
const steady: Clock = () => performance.now();

/** While another program holds the ledger, opening is tried again for OPEN_PATIENCE, with a pause of OPEN_PAUSE between two attempts. */
const OPEN_PATIENCE: Millis = 5_000;
const OPEN_PAUSE: Millis = 50;

/**
 * Opens the ledger as its only writer. `busyTimeout`: how long a statement blocks this program while another program writes. `damaged`: called
 * when the ledger may have lost bans. Waits up to five seconds for another program that holds the ledger. Rejects with LedgerError when
 * another daemon or command still writes to the ledger then.
 */
export async function openLedger(
  config: Config,
  ports: Ports & { readonly busyTimeout?: Millis; readonly scopes: () => readonly Scope[]; readonly damaged?: () => void },
): Promise<Ledger> {
  const forget = config.jails.map(({ increment }) => increment?.forget ?? 0);
  const offenceRetention = Math.max(OFFENCE_RETENTION, ...forget);
  const options = { ...ports, sole: true, steady, hitRetention: config.hitRetention, offenceRetention };
  for (const end = steady() + OPEN_PATIENCE; ; await sleep(OPEN_PAUSE)) {
    try {
      return Ledger.open(config.state, options);
    } catch (thrown) {
      if (!isBusy(thrown) || steady() > end) throw thrown;
    }
  }
}

/** Opens the actions. An action that cannot be opened is tried again later. */
export async function openEnforcer(
  actions: readonly Action[],
  ports: ConstructorParameters<typeof Enforcer>[1],
): Promise<Enforcer> {
  const enforcer = new Enforcer(actions, ports);
  await enforcer.open();
  return enforcer;
}

/** Loads the configured actions without opening them. Throws ConfigError for options that an action does not know. */
export function loadActions(config: Config, ports: Ports): readonly Action[] {
  const settings = config.actions.map((setting, index) => {
    const where: Where = (path, part) => config.where(['actions', index, ...path], part);
    return { ...setting, where };
  });
  return loadAll(settings, { ...ports, folders: [config.actionsFolder] });
}

/** Returns the configuration with the names of this machine's Postfix in place of `syslog_names: auto`. Never rejects. */
export async function withNames(config: Config, { log }: Pick<Ports, 'log'>): Promise<Config> {
  if (config.syslogNames !== 'auto') return config;
  const { detectNames } = await import('./names.ts');
  return { ...config, syslogNames: await detectNames({ log }) };
}

/** Builds the sources to follow. Rejects with ConfigError when a jail names a source that was not found. */
export async function openSources(config: Config, ports: Ports): Promise<readonly Source[]> {
  // This code is imported at the call, because most commands follow no source, and they start faster without it.
  const { detectSources, openSource } = await import('../../sources/read.ts');
  const settings = config.sources === 'auto' ? await detectSources(ports) : config.sources;
  checkSources(config, settings);
  return settings.map((setting) => openSource(setting, ports));
}
