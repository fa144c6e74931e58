// Where the program's own things are: the files that come with it, found alike from sources, compiled files and a bundle; its sockets.
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

/** Where the daemon listens when nobody says. */
export const DEFAULT_SOCKET = '/run/trapline/control.sock';

/** Where it tells its state to those who may look and change nothing, when nobody says. */
export const DEFAULT_READERS_SOCKET = '/run/trapline/status.sock';
