// `scopesOf` works out the jails whose bans each loaded action holds. `checkSources` checks that each source that a jail names is among the
// found sources.
import { sourceName, writtenSource, type SourceOptions } from '../sources/options.ts';
import type { Scope } from '../words/firewall.ts';
import type { Config } from './settings.ts';
import { refuseUnknown } from './ways.ts';

/** An action: its type in the configuration, and the name that its file gives it. */
interface Loaded {
  readonly type: string;
  readonly name: string;
}

/**
 * The scope of each action, in the order of `config.actions`. A scope includes bans by hand, and every jail except jails that name only
 * other actions. Jails that are switched off are included, because they may still have bans. `names`: the names of the loaded actions, in
 * the order of `config.actions`. Throws ConfigError, with the place, for an action that a jail names and that was not loaded.
 */
export function scopesOf(
  config: Pick<Config, 'actions' | 'jails' | 'idleJails' | 'where'>,
  names: readonly string[],
): readonly Scope[] {
  const actions = config.actions.map(({ type }, index): Loaded => ({ type, name: names[index] ?? type }));
  const choosy = [...config.jails, ...config.idleJails].flatMap(({ name, actions: chosen }) =>
    chosen === 'all' ? [] : [{ name, chosen }],
  );
  for (const { name, chosen } of choosy) {
    chosen.forEach((written, index) => {
      if (actions.some((action) => isMeant(action, written))) return;
      const known = actions.flatMap((action) => (action.type === 'auto' ? ['auto', action.name] : [action.type]));
      refuseUnknown('action', written, known, config.where(['jails', name, 'actions', index]));
    });
  }
  return actions.map((action) => ({
    action: action.name,
    without: new Set(choosy.flatMap(({ name, chosen }) => (chosen.some((written) => isMeant(action, written)) ? [] : [name]))),
  }));
}

/** Whether `written` means this action: its type or, for the type `auto`, the name of the action that was found. */
function isMeant({ type, name }: Loaded, written: string): boolean {
  return type === written || (type === 'auto' && name === written);
}

/**
 * Compares the sources that jails name with the sources that are followed. Throws ConfigError, with the place, for a named source that is
 * not followed: the jail would wait for lines for ever.
 */
export function checkSources(config: Pick<Config, 'jails' | 'where'>, found: readonly SourceOptions[]): void {
  const known = found.map(sourceName);
  for (const { name, sources } of config.jails) {
    if (sources === 'all') continue;
    sources.forEach((source, index) => {
      if (known.includes(source)) return;
      refuseUnknown('source', writtenSource(source), known.map(writtenSource), config.where(['jails', name, 'sources', index]));
    });
  }
}
