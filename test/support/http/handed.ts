// A program that takes over one listening socket, as the service of a systemd socket unit does. It sends the name of the socket to each
// client, until its standard input ends.
import { createServer } from 'node:net';
import { takeOver } from '../../../src/lib/http/socket.ts';
import { handedSockets } from '../../../src/lib/systemd.ts';

const [first] = handedSockets({ ...process.env, LISTEN_PID: String(process.pid) }, process.pid);
if (!first) throw new Error('no socket was passed on');
const [name, [descriptor = -1]] = first;
const server = createServer((connection) => void connection.on('error', () => {}).end(name));
process.stdin.resume().once('end', () => server.close());
takeOver(server, descriptor).then(
  () => process.stdout.write('ready\n'),
  (thrown: unknown) => process.stdout.write(`${String(thrown)}\n`),
);
