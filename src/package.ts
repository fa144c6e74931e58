// Where the files are that come with the program: the same answer for sources, for compiled files and for a bundle.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a file or folder of this package, named from the folder that holds its package.json. */
export function packagePath(name: string): string {
  return join(packageFolder(dirname(fileURLToPath(import.meta.url))), name);
}

function packageFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : packageFolder(dirname(folder));
}
