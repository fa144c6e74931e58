// Another program at the socket closes the connection before, during or after an answer.
import { rmSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { mustFail, standIn, trapline } from '../lib/control-socket.mjs';

const ENDS = {
  'at once': (socket) => socket.destroy(),
  'with bytes unread': (socket) => {
    socket.pause();
    setTimeout(() => socket.destroy(), 50);
  },
  'after the request': (socket) => socket.once('data', () => socket.destroy()),
  'inside the head': (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 O')),
  'behind the head': (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n')),
  'inside the body': (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"bans":[')),
  'inside a chunk': (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"bans":[')),
  'after garbage': (socket) => socket.once('data', () => socket.end('\0\u0001\r\n\u001b[2J\r\n\r\n')),
  'after a long head': (socket) => socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}\r\n`)),
  'after a switch of protocols': (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')),
  'after a hundred promises': (socket) => socket.once('data', () => socket.end('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100))),
};

await attack(
  'when a server closes the connection, each command ends with one line',
  async (world) => {
    for (const [what, serve] of Object.entries(ENDS)) {
      const end = await standIn(world.socket, serve);
      const commands = [['bans'], ['status'], ['ban', '203.0.113.5'], ['reload']].map(async (words) => [
        words,
        await trapline(world, [...words, '--socket', world.socket]),
      ]);
      for (const [words, result] of await Promise.all(commands)) mustFail(result, [69], `${words[0]}, ${what}`);
      end();
      rmSync(world.socket, { force: true });
    }
  },
  { started: false, after: false },
);
