// Runs inside a network namespace. `listen PORT...` echoes lines on those ports; `client` connects, talks and hangs up as told, one JSON
// object a line, and answers each with what came of it: open, refused, silent, closed.
import { createServer, connect } from 'node:net';
import { createInterface } from 'node:readline';

/** Milliseconds without an answer that count as silence. */
const PATIENCE = 700;

const [mode, ...ports] = process.argv.slice(2);
const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

if (mode === 'listen') {
  let open = ports.length;
  for (const port of ports) {
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .pipe(socket)
        .on('error', () => {}),
    );
    server.listen({ port: Number(port), host: '::' }, () => --open === 0 && answer({ id: 0, result: 'ready' }));
  }
} else {
  const sockets = new Map();
  createInterface({ input: process.stdin })
    .on('line', async (line) => {
      const order = JSON.parse(line);
      answer({ id: order.id, result: await (order.to === undefined ? say(order) : dial(order)) });
    })
    .on('close', () => process.exit(0));
  answer({ id: 0, result: 'ready' });

  /** Connects from an address; the socket stays open under the order's id. */
  function dial({ id, from, to, port }) {
    return new Promise((resolve) => {
      const socket = connect({ host: to, port, localAddress: from });
      const timer = setTimeout(() => {
        socket.destroy();
        resolve('silent');
      }, PATIENCE);
      socket.on('connect', () => {
        clearTimeout(timer);
        sockets.set(id, socket);
        resolve('open');
      });
      socket.on('error', (error) => {
        clearTimeout(timer);
        resolve(['ECONNREFUSED', 'EHOSTUNREACH', 'EACCES', 'ECONNRESET'].includes(error.code) ? 'refused' : error.code);
      });
    });
  }

  /** Sends a line over an open socket and waits for its echo. */
  function say({ socket: key }) {
    return new Promise((resolve) => {
      const socket = sockets.get(key);
      if (socket.destroyed) return resolve('closed');
      const timer = setTimeout(() => resolve('silent'), PATIENCE);
      const end = (result) => {
        clearTimeout(timer);
        resolve(result);
      };
      socket.once('data', () => end('open'));
      socket.once('close', () => end('closed'));
      socket.write('HELO\r\n');
    });
  }
}
