// Reads the operator's configuration file, or takes the built-in configuration when there is no file.
import { ConfigError, errnoOf, messageOf } from '../errors.ts';
import { printable } from '../lib/text/printable.ts';
import { parseYaml, readYaml } from '../lib/yaml/yaml.ts';
import { resolve } from './resolve.ts';
import { schema } from './schema.ts';
import type { Config } from './settings.ts';

export { checkSources, scopesOf } from './scopes.ts';
export type { ActionSetting, Config, JailSetting } from './settings.ts';

/** The path of the configuration file, unless the command line names another file. */
const DEFAULT_FILE = '/etc/trapline/trapline.yaml';

/**
 * Reads the configuration from `path`. Without a path, reads `fallback`, or takes the built-in configuration when `fallback` does not exist.
 * Throws ConfigError: `file:line:col: what, advice`.
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

/** Reads the text of a configuration file. `file` is its name in messages. Throws ConfigError. */
export function parseConfig(text: string, file: string): Config {
  return resolve(parseYaml(text, file, schema), file);
}

/** The configuration of a machine that has no configuration file. */
export function builtInConfig(): Config {
  return { ...parseConfig('', ''), file: null, where: () => 'built-in configuration' };
}

function reasonOf(thrown: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file, name a file with --config or omit --config',
    EACCES: 'may not be read by this user, try with sudo',
    EISDIR: 'is a folder, name the file in it',
  };
  return reasons[errnoOf(thrown) ?? ''] ?? `cannot be read: ${printable(messageOf(thrown))}`;
}
