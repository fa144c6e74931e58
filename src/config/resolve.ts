// From what is written to what holds: jails inherit from the defaults, short forms become long ones, contradictions are refused.
import { ConfigError } from '../errors.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Located } from '../lib/yaml.ts';
import type { Written } from './schema.ts';
import type { ActionSetting, Config, JailSetting, Policy, SourceSetting } from './settings.ts';

type WrittenPolicy = { readonly [Key in keyof Written['defaults']]?: Written['defaults'][Key] | undefined };
type WrittenJail = NonNullable<Written['jails']>[string];
type Where = Located<Written>['where'];

/** Without a word on it, no ban is longer than this (milliseconds), nor than the first one. */
const BANTIME_MAX = 86_400_000;

/** The jail that there is when none is written: its keys are all at their defaults. */
const DEFAULT_JAILS: Readonly<Record<string, WrittenJail>> = { spamtrap: { enabled: true, filter: 'postfix-spamtrap', rules: {} } };

/** Works out the configuration. Throws ConfigError, with the place, for options that contradict each other. */
export function resolve({ value, where }: Located<Written>, file: string | null): Config {
  const defaults = resolvePolicy({}, value, 'defaults', where);
  const written = Object.entries(value.jails ?? {});
  const jails = (written.length > 0 ? written : Object.entries(DEFAULT_JAILS)).map(([name, jail]) => ({
    on: jail.enabled,
    setting: resolveJail(name, jail, value, where),
  }));
  return {
    file,
    sources: resolveSources(value, where),
    state: value.state,
    control: resolveControl(value.control, where),
    actions: resolveActions(value.actions, where),
    filtersFolder: value.filters_folder,
    actionsFolder: value.actions_folder,
    sync: value.sync,
    logLevel: value.log_level,
    hitRetention: value.hit_retention,
    defaults,
    jails: jails.flatMap(({ on, setting }) => (on ? [setting] : [])),
    where,
  };
}

function resolveJail(name: string, jail: WrittenJail, value: Written, where: Where): JailSetting {
  return {
    ...resolvePolicy(jail, value, name, where),
    name,
    filter: jail.filter,
    settings: jail.text === undefined ? {} : { text: jail.text },
    rules: jail.rules,
  };
}

/** `own` is what the jail `name` says itself; the rest is from the defaults. */
function resolvePolicy(own: WrittenPolicy, value: Written, name: string, where: Where): Policy {
  const from = value.defaults;
  const place = (key: keyof WrittenPolicy): string => where(own[key] === undefined ? ['defaults', key] : ['jails', name, key]);
  const findtime = own.findtime ?? from.findtime;
  if (findtime > value.hit_retention) {
    throw new ConfigError(`${place('findtime')}: hits are not kept for such a findtime, shorten it or raise "hit_retention"`);
  }
  return {
    maxretry: own.maxretry ?? from.maxretry,
    findtime,
    bantime: bantimeOf(own, from),
    increment: incrementOf(own, from, place),
    ipv4Prefix: own.ipv4_prefix ?? from.ipv4_prefix,
    ipv6Prefix: own.ipv6_prefix ?? from.ipv6_prefix,
    ignoreip: [...new Set([...from.ignoreip, ...(own.ignoreip ?? [])])],
  };
}

function bantimeOf(own: WrittenPolicy, from: Written['defaults']): number | null {
  return own.bantime === undefined ? from.bantime : own.bantime;
}

function incrementOf(
  own: WrittenPolicy,
  from: Written['defaults'],
  place: (key: keyof WrittenPolicy) => string,
): Policy['increment'] {
  const bantime = bantimeOf(own, from);
  if (bantime === null || !(own.bantime_increment ?? from.bantime_increment)) return undefined;
  const most = own.bantime_max ?? from.bantime_max;
  if (most !== undefined && most < bantime) {
    const spans = `"bantime_max: ${formatDuration(most)}" is shorter than "bantime: ${formatDuration(bantime)}"`;
    throw new ConfigError(`${place('bantime_max')}: ${spans}, raise it or leave it out`);
  }
  const max = most ?? Math.max(BANTIME_MAX, bantime);
  return { factor: own.bantime_factor ?? from.bantime_factor, max, forget: own.bantime_forget ?? from.bantime_forget };
}

function resolveControl(written: Written['control'], where: Where): Config['control'] {
  const { socket, mode, group, readers, readers_socket: second } = written;
  if (readers !== undefined && second === socket) {
    throw new ConfigError(`${where(['control', 'readers_socket'])}: "${second}" is the socket of the commands, choose another`);
  }
  return { socket, mode, group, readers: readers === undefined ? undefined : { socket: second, group: readers } };
}

function resolveSources(value: Written, where: Where): Config['sources'] {
  if (value.sources === 'auto') return 'auto';
  const entries = Array.isArray(value.sources) ? value.sources : [value.sources];
  const settings = entries.map((entry): SourceSetting => {
    if (entry === 'journal') return { type: 'journal' };
    if (typeof entry === 'string') return { type: 'file', path: entry, from: 'end' };
    if (entry.type === 'file') return entry;
    return { type: 'journal', ...(entry.postfix_uid === undefined ? {} : { postfixUid: entry.postfix_uid }) };
  });
  refuseRepeated(
    settings.map((setting) => (setting.type === 'file' ? setting.path : 'journal')),
    'sources',
    where,
  );
  const types = new Set(settings.map(({ type }) => type));
  if (types.size > 1 && !value.sources_overlap) {
    throw new ConfigError(
      `${where(['sources'])}: a log file and the journal usually hold the same mail and each hit would count twice, keep one of them; where they differ, add "sources_overlap: true"`,
    );
  }
  return settings;
}

function resolveActions(written: Written['actions'], where: Where): readonly ActionSetting[] {
  const entries = Array.isArray(written) ? written : [written];
  if (entries.length === 0) throw new ConfigError(`${where(['actions'])}: no action, a ban would do nothing; for that say "print"`);
  const settings = entries.map((entry): ActionSetting => {
    if (typeof entry === 'string') return { type: entry, options: {} };
    const { type, ...options } = entry;
    return { type, options };
  });
  refuseRepeated(
    settings.map(({ type }) => type),
    'actions',
    where,
  );
  return settings;
}

function refuseRepeated(names: readonly string[], key: string, where: Where): void {
  const again = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (again >= 0) throw new ConfigError(`${where([key, again])}: "${names[again]}" is there twice, take one away`);
}
