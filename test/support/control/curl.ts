// Runs the real curl, as operators do.
import { execFile } from 'node:child_process';

/** Runs curl, as the user and group `who` if they are given. Resolves to the parsed output, or to the exit code when curl fails. */
export function curl(socket: string, words: readonly string[], who: { uid?: number; gid?: number } = {}): Promise<unknown> {
  return new Promise((resolve) => {
    execFile('curl', ['-sS', '--unix-socket', socket, ...words], { ...who, cwd: '/' }, (error, text) => {
      resolve(error ? { exit: error.code } : JSON.parse(text));
    });
  });
}
