// Works out the sources and the actions of the configuration, and which of them each jail uses.
import { isAbsolute } from 'node:path';
import { ConfigError } from '../errors.ts';
import { printable } from '../lib/text/printable.ts';
import { adviceOn, type Where } from '../lib/yaml/yaml.ts';
import { sourceName, writtenSource, type SourceOptions } from '../sources/options.ts';
import type { Written } from './schema.ts';
import type { ActionSetting, Config, JailSetting } from './settings.ts';

type WrittenJail = Pick<NonNullable<Written['jails']>[string], 'sources' | 'actions'>;

/** The sources. Throws ConfigError for a repeated source, and for files together with the journal if `sources_overlap` is false. */
export function resolveSources(value: Pick<Written, 'sources' | 'sources_overlap'>, where: Where): Config['sources'] {
  if (value.sources === 'auto') return 'auto';
  const entries = Array.isArray(value.sources) ? value.sources : [value.sources];
  const sources = entries.map((entry): SourceOptions => {
    if (typeof entry === 'string') return sourceNamed(entry);
    if (entry.type === 'file') {
      const { envelope, ...rest } = entry;
      return envelope === undefined ? rest : { ...rest, envelope };
    }
    const { postfix_uid: postfixUid, containers } = entry;
    return { type: 'journal', ...(postfixUid !== undefined && { postfixUid }), ...(containers && { containers }) };
  });
  refuseRepeated(sources.map(writtenName), (index) => where(['sources', index]));
  const types = new Set(sources.map(({ type }) => type));
  if (types.size > 1 && !value.sources_overlap) {
    throw new ConfigError(
      `${where(['sources'])}: a log file and the journal usually hold the same mail and each hit would count twice, keep one of them; where they differ, add "sources_overlap: true"`,
    );
  }
  return sources;
}

/** The actions. Throws ConfigError for an empty list and for a repeated action. */
export function resolveActions(written: Written['actions'], where: Where): readonly ActionSetting[] {
  const entries = Array.isArray(written) ? written : [written];
  if (entries.length === 0)
    throw new ConfigError(
      `${where(['actions'])}: the list has no action, so bans would have no effect; if that is intended, write "print"`,
    );
  const actions = entries.map((entry): ActionSetting => {
    if (typeof entry === 'string') return { type: entry, options: {} };
    const { type, ...options } = entry;
    return { type, options };
  });
  refuseRepeated(
    actions.map(({ type }) => type),
    (index) => where(['actions', index]),
  );
  return actions;
}

/**
 * The names of the sources that the jail `name` reads, in the form of `Batch.source`. Throws ConfigError for a source that is not
 * configured. With `sources: auto` the source is not known yet, so `checkSources` compares the names with it later.
 */
export function sourcesOfJail(jail: WrittenJail, name: string, sources: Config['sources'], where: Where): JailSetting['sources'] {
  if (jail.sources === 'all') return 'all';
  const place = (index: number): string => where(['jails', name, 'sources', index]);
  refuseRepeated(jail.sources, place);
  if (sources === 'auto' && jail.sources.includes('auto')) {
    if (jail.sources.length === 1) return 'all';
    throw new ConfigError(`${place(0)}: "sources: auto" finds one source, remove the other names`);
  }
  const known = sources === 'auto' ? ['auto', 'journal'] : sources.map(writtenName);
  jail.sources.forEach((source, index) => {
    if (!known.includes(source) && !(sources === 'auto' && isAbsolute(source)))
      refuseUnknown('source', source, known, place(index));
  });
  return jail.sources.map((source) => sourceName(sourceNamed(source)));
}

/**
 * The types of the actions that carry out the bans of the jail `name`. Throws ConfigError for an action that is not configured. With `auto`,
 * a jail may use the name of the action that is found later, so `scopesOf` checks the names.
 */
export function actionsOfJail(jail: WrittenJail, name: string, actions: Config['actions'], where: Where): JailSetting['actions'] {
  if (jail.actions === 'all') return 'all';
  const place = (index: number): string => where(['jails', name, 'actions', index]);
  refuseRepeated(jail.actions, place);
  const known = actions.map(({ type }) => type);
  jail.actions.forEach((action, index) => {
    if (!known.includes(action) && !known.includes('auto')) refuseUnknown('action', action, known, place(index));
  });
  return jail.actions;
}

/** Throws a ConfigError for an unknown name. Its message suggests a known name. */
export function refuseUnknown(what: 'source' | 'action', name: string, known: readonly string[], place: string): never {
  throw new ConfigError(`${place}: unknown ${what} "${printable(name)}", ${adviceOn(name, known)}`);
}

function writtenName(source: SourceOptions): string {
  return writtenSource(sourceName(source));
}

function sourceNamed(name: string): SourceOptions {
  return name === 'journal' ? { type: 'journal' } : { type: 'file', path: name, from: 'end' };
}

function refuseRepeated(names: readonly string[], place: (index: number) => string): void {
  const again = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (again >= 0) throw new ConfigError(`${place(again)}: "${printable(names[again] ?? '')}" is listed twice, remove one`);
}
