// Everything that a daemon would read, read and tried without one: filters and actions with their examples, allow-lists, rules of jails.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkActionFile } from '../actions/enforce.ts';
import type { Config } from '../config/load.ts';
import { errnoOf, ExpectedError } from '../errors.ts';
import { checkFilterFile } from '../filters/match.ts';
import { actionFolders, buildSwappable, filterFolders, loadActions, type Ports } from './rooms.ts';

/** One thing that was looked at, and what is wrong with it. */
export interface Checked {
  readonly name: string;
  readonly problems: readonly string[];
}

/** Checks the configuration against its rooms, then every filter and action file there is. Changes nothing. */
export async function checkAll(config: Config, ports: Ports): Promise<readonly Checked[]> {
  const filters = await filesIn(filterFolders(config));
  const actions = await filesIn(actionFolders(config));
  return [
    attempt(config.file ?? 'built-in configuration', () => {
      buildSwappable(config, ports);
      return [];
    }),
    attempt('actions', () => {
      loadActions(config, ports);
      return [];
    }),
    ...filters.map((file) => attempt(file, () => checkFilterFile(file).problems)),
    ...actions.map((file) => attempt(file, () => checkActionFile(file))),
  ];
}

function attempt(name: string, work: () => readonly string[]): Checked {
  try {
    return { name, problems: work() };
  } catch (thrown) {
    if (!(thrown instanceof ExpectedError)) throw thrown;
    return { name, problems: [thrown.message] };
  }
}

async function filesIn(folders: readonly string[]): Promise<readonly string[]> {
  const lists = await Promise.all(
    folders.map(async (folder) =>
      (await namesIn(folder)).filter((name) => /\.ya?ml$/.test(name)).map((name) => join(folder, name)),
    ),
  );
  return lists.flat();
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}
