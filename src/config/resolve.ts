// Turns the written options into the whole configuration: jails inherit from the defaults, and contradictions are refused.
import { ConfigError } from '../errors.ts';
import type { Located, Where } from '../lib/yaml/yaml.ts';
import { resolvePolicy } from './policy.ts';
import type { Written } from './schema.ts';
import type { Config, JailSetting } from './settings.ts';
import { actionsOfJail, resolveActions, resolveSources, sourcesOfJail } from './ways.ts';

type WrittenJail = NonNullable<Written['jails']>[string];

/** The jail of a configuration without jails: every option has its default. */
const DEFAULT_JAILS: Readonly<Record<string, WrittenJail>> = {
  spamtrap: { enabled: true, filter: 'postfix-spamtrap', rules: {}, sources: 'all', actions: 'all' },
};

/** Works out the configuration. Throws ConfigError, with the place, for options that contradict each other. */
export function resolve(located: Located<Written>, file: string | null): Config {
  const { value, notices } = located;
  const where = placesOf(located);
  const defaults = resolvePolicy({}, value, undefined, where);
  const sources = resolveSources(value, where);
  const actions = resolveActions(value.actions, where);
  const written = Object.entries(value.jails ?? {});
  const jails = (written.length > 0 ? written : Object.entries(DEFAULT_JAILS)).map(([name, jail]) => ({
    on: jail.enabled,
    setting: {
      ...resolvePolicy(jail, value, name, where),
      name,
      filter: jail.filter,
      settings: jail.text === undefined ? {} : { text: jail.text },
      rules: jail.rules,
      sources: sourcesOfJail(jail, name, sources, where),
      actions: actionsOfJail(jail, name, actions, where),
    } satisfies JailSetting,
  }));
  return {
    file,
    sources,
    syslogNames: value.syslog_names,
    state: value.state,
    control: resolveControl(value.control, where),
    actions,
    filtersFolder: value.filters_folder,
    actionsFolder: value.actions_folder,
    nat64: value.nat64,
    sync: value.sync,
    logLevel: value.log_level,
    hitRetention: value.hit_retention,
    defaults,
    jails: jails.flatMap(({ on, setting }) => (on ? [setting] : [])),
    idleJails: jails.flatMap(({ on, setting }) => (on ? [] : [setting])),
    where,
    notices,
  };
}

/** Finds the places of options. In the file, the path of a source or action that is written without a list has no index. */
function placesOf({ value, where }: Located<Written>): Where {
  const single = (['sources', 'actions'] as const).filter((key) => !Array.isArray(value[key]));
  return (path, part) => where(single.some((key) => key === path[0]) ? path.toSpliced(1, 1) : path, part);
}

function resolveControl(written: Written['control'], where: Where): Config['control'] {
  const { socket, mode, group, readers, readers_socket: second } = written;
  if (readers !== undefined && second === socket) {
    throw new ConfigError(
      `${where(['control', 'readers_socket'])}: "${second}" is already the path of "socket", choose another path`,
    );
  }
  return { socket, mode, group, readers: readers === undefined ? undefined : { socket: second, group: readers } };
}
