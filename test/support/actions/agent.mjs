// Runs inside a network namespace. `listen PORT...` sends each received line back on these ports. `client FROM TO PORT` reads orders, one JSON
// object on each line: to connect, or to send a line. It replies with the result: open, refused, silent or closed. A connection is silent when the
// server has not replied to it, but has meanwhile replied several times to FROM, an address that no test bans. So the speed of the machine does
// not matter.
import { createServer, connect } from 'node:net';
import { createInterface } from 'node:readline';

/** A connection is silent after this many replies to FROM and this many milliseconds. */
const ANSWERS = 10;
const PATIENCE = 200;

const [mode, ...words] = process.argv.slice(2);
const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

if (mode === 'listen') {
  let open = words.length;
  for (const port of words) {
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
  const [localAddress, host, witnessPort] = words;
  createInterface({ input: process.stdin })
    .on('line', async (line) => {
      const order = JSON.parse(line);
      answer({ id: order.id, result: await (order.to === undefined ? say(order) : dial(order)) });
    })
    .on('close', () => process.exit(0));
  answer({ id: 0, result: 'ready' });

  /** Connects from an address. The socket stays open, and later orders name it by the id of this order. */
  function dial({ id, from, to, port }) {
    return new Promise((resolve) => {
      const socket = connect({ host: to, port, localAddress: from });
      const silent = () => {
        if (socket.connecting) socket.destroy();
        resolve('silent');
      };
      socket.on('connect', () => {
        sockets.set(id, socket);
        resolve('open');
      });
      silence().then(silent, resolve);
      socket.on('error', (error) => {
        resolve(['ECONNREFUSED', 'EHOSTUNREACH', 'EACCES', 'ECONNRESET'].includes(error.code) ? 'refused' : error.code);
      });
    });
  }

  /** Sends a line over an open socket and waits for its echo. */
  function say({ socket: key }) {
    return new Promise((resolve) => {
      const socket = sockets.get(key);
      if (socket.destroyed) return resolve('closed');
      socket.once('data', () => resolve('open'));
      socket.once('close', () => resolve('closed'));
      socket.write('HELO\r\n');
      silence().then(() => resolve('silent'), resolve);
    });
  }

  /** Waits until a reply would have arrived. Rejects when the server does not reply to FROM. */
  async function silence() {
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    for (let count = 0; count < ANSWERS; count += 1) {
      await new Promise((resolve, reject) => {
        const witness = connect({ host, port: Number(witnessPort), localAddress });
        witness.on('error', (error) => reject(`no answer to ${localAddress}: ${error.message}`));
        witness.on('data', () => resolve(witness.destroy()));
        witness.write('HELO\r\n');
      });
    }
    await patience;
  }
}
