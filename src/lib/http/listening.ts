// Finds out whether a server listens at a Unix socket, by connecting to it.
import { connect } from 'node:net';
import { errnoOf } from '../../errors.ts';

/**
 * True when a server listens at the path; false when nothing is at the path, or only a socket whose server has ended. Rejects with any other
 * error of the system, such as EACCES when this user may not connect.
 */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const connection = connect(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', (error) => {
      const code = errnoOf(error) ?? '';
      if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(code)) resolve(false);
      // A server listens, but its queue of connections is full.
      else if (code === 'EAGAIN') resolve(true);
      else reject(error);
    });
  });
}
