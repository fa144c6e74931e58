// The door of the configuration: reads the file that the operator wrote, or takes what is built in.
import { ConfigError, errnoOf, messageOf } from '../errors.ts';
import { printable } from '../lib/printable.ts';
import { parseYaml, readYaml } from '../lib/yaml.ts';
import { resolve } from './resolve.ts';
import { schema } from './schema.ts';
import type { Config } from './settings.ts';

export type { ActionSetting, Config, JailSetting, Policy, SourceSetting } from './settings.ts';

/** Where the configuration is when nobody says. */
export const DEFAULT_FILE = '/etc/trapline/trapline.yaml';

/**
 * Reads the configuration. Without a path it is `fallback` if that file exists, else what is built in; a file that was named must be
 * there. Throws ConfigError: `file:line:col: what, advice`.
 */
export function loadConfig(path: string | undefined, fallback: string = DEFAULT_FILE): Config {
  const file = path ?? fallback;
  try {
    return parseConfig(readYaml(file), file);
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    if (errnoOf(thrown) === undefined) throw thrown;
    if (path === undefined && errnoOf(thrown) === 'ENOENT') return builtInConfig();
    throw new ConfigError(`${printable(file)}: ${reasonOf(thrown)}`, { cause: thrown });
  }
}

/** Reads the text of a configuration file; `file` is what messages call it. Throws ConfigError. */
export function parseConfig(text: string, file: string): Config {
  return resolve(parseYaml(text, file, schema), file);
}

/** What holds when nothing is configured. */
export function builtInConfig(): Config {
  return { ...parseConfig('', ''), file: null, where: () => 'built-in configuration' };
}

function reasonOf(thrown: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file, name another with --config or leave it out',
    EACCES: 'may not be read by this user, try with sudo',
    EISDIR: 'is a folder, name the file in it',
  };
  return reasons[errnoOf(thrown) ?? ''] ?? `cannot be read: ${printable(messageOf(thrown))}`;
}
