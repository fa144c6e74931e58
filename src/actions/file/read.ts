// Reads an action file and checks everything in it except the examples.
import { ConfigError, messageOf } from '../../errors.ts';
import { parseYaml, readYaml, type Where } from '../../lib/yaml/yaml.ts';
import { optionValues } from './optionvalues.ts';
import { actionFile, type ActionFile } from './schema.ts';
import { checkTemplates } from './templatecheck.ts';

/** An action file, and the places of its parts. */
export interface ReadActionFile {
  readonly file: ActionFile;
  readonly where: Where;
}

/** Reads an action file. Throws ConfigError with file:line:col. */
export function readActionFile(path: string): ReadActionFile {
  const { value: file, where } = parseYaml(textOf(path), path, actionFile);
  optionValues(file, {}, ([name = '']) => where(['options', name, 'default']));
  checkTemplates(file, where);
  return { file, where };
}

function textOf(path: string): string {
  try {
    return readYaml(path);
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    throw new ConfigError(`${path}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
