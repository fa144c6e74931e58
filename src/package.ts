// Finds the files of the package, whether the program runs from its sources or as the bundle. Defines the default paths of the sockets.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a file or folder of this package. `name` is relative to the folder that holds package.json. */
export function packagePath(name: string): string {
  return join(packageFolder(dirname(fileURLToPath(import.meta.url))), name);
}

function packageFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : packageFolder(dirname(folder));
}

/** The default path of the control socket. */
export const DEFAULT_SOCKET = '/run/trapline/control.sock';

/** The default path of the socket for readers, which refuses requests that change anything. */
export const DEFAULT_READERS_SOCKET = '/run/trapline/status.sock';
