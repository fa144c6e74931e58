// Real curl, as operators use it.
import { execFile } from 'node:child_process';

/** What real curl prints, as user and group if told; what it exits with when it fails. */
export function curl(socket: string, words: readonly string[], who: { uid?: number; gid?: number } = {}): Promise<unknown> {
  return new Promise((resolve) => {
    execFile('curl', ['-sS', '--unix-socket', socket, ...words], { ...who, cwd: '/' }, (error, text) => {
      resolve(error ? { exit: error.code } : JSON.parse(text));
    });
  });
}
