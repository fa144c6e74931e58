// Finds YAML files of one kind, such as filters or actions, by their names in a list of folders.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, errnoOf } from '../../errors.ts';
import { printable } from '../text/printable.ts';
import { adviceOn } from './keys.ts';

/** The folders of the files of one kind, and the names without a file. */
export interface Catalog {
  /** The word for a file of this kind in messages, such as `filter`. */
  readonly kind: string;
  /** The folders in the order of the search; a folder that does not exist counts as empty. */
  readonly folders: readonly string[];
  /** Names that are known without a file. */
  readonly builtIn?: readonly string[];
}

/** The endings of a YAML file's name. One folder must not contain a name with both endings. */
const ENDINGS = ['.yaml', '.yml'] as const;

/** The characters that a file name can have. */
// oxlint-disable-next-line no-control-regex
const NAME = /^[^/\0]+$/;

/** True for a text that is a path: it holds a slash or has the ending of a YAML file. */
export function isPath(nameOrPath: string): boolean {
  return nameOrPath.includes('/') || ENDINGS.some((ending) => nameOrPath.endsWith(ending));
}

/**
 * Returns the path of a file. A text that is a path is returned as it is, without a check that the file exists. A name is looked up in the
 * folders, in their order. Throws ConfigError for an unknown name, with the most similar known name. Also throws ConfigError for a folder
 * that cannot be searched, or that has the name with both endings. `where` is the `file:line:col` at which the name is written.
 */
export function findFile(catalog: Catalog, nameOrPath: string, where?: string): string {
  if (isPath(nameOrPath)) return nameOrPath;
  const names = NAME.test(nameOrPath) ? ENDINGS.map((ending) => `${nameOrPath}${ending}`) : [];
  const place = where === undefined ? '' : `${where}: `;
  for (const folder of catalog.folders) {
    const [found, other] = names.map((name) => join(folder, name)).filter(exists);
    if (found !== undefined && other !== undefined)
      throw new ConfigError(`${place}${catalog.kind} "${nameOrPath}" exists twice, remove ${found} or ${other}`);
    if (found !== undefined) return found;
  }
  const advice = adviceOn(nameOrPath, knownNames(catalog));
  // After the question mark of the advice a new sentence begins.
  const joint = advice.endsWith('?') ? ' Looked in' : '; looked in';
  const looked = catalog.folders.length > 0 ? `${joint} ${catalog.folders.join(', ')}` : '';
  throw new ConfigError(`${place}unknown ${catalog.kind} "${printable(nameOrPath)}", ${advice}${looked}`);
}

/** The names of all files and the built-in names, each once, in alphabetical order. */
export function knownNames(catalog: Catalog): readonly string[] {
  const names = catalog.folders.flatMap(yamlIn).map((file) => file.replace(/\.ya?ml$/, ''));
  return [...new Set([...names, ...(catalog.builtIn ?? [])])].toSorted();
}

/** The paths of all files, folder by folder, in alphabetical order within each folder. */
export function filesOf(catalog: Catalog): readonly string[] {
  return catalog.folders.flatMap((folder) => yamlIn(folder).map((file) => join(folder, file)));
}

function yamlIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => ENDINGS.some((ending) => file.endsWith(ending)))
      .toSorted();
  } catch (thrown) {
    // A folder for the operator's own files need not exist.
    if (errnoOf(thrown) === 'ENOENT') return [];
    throw new ConfigError(`${folder}: cannot be searched (${errnoOf(thrown) ?? 'unknown reason'})`, { cause: thrown });
  }
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (thrown) {
    const reason = errnoOf(thrown);
    if (reason === 'ENOENT') return false;
    throw new ConfigError(`${path}: cannot be read (${reason ?? 'unknown reason'})`, { cause: thrown });
  }
}
