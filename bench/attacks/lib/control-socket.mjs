// Makes clients of the control socket that break rules of HTTP, hits as the commands send them, and servers in place of the daemon.
import { PROGRAM } from '../../../test/support/faults/daemon.mjs';
import { must } from './attack.mjs';
import { networks6 } from './firewall.mjs';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A connection that stays open until either side closes it. `closed` resolves to all text that was received. */
export function open(path, bytes = '') {
  const socket = connect({ path, allowHalfOpen: true });
  let received = '';
  socket.on('error', () => {}); // The other side may close the connection at any time.
  socket.on('data', (piece) => (received += piece.toString('latin1')));
  const closed = new Promise((resolve) => {
    socket.once('end', () => socket.destroy()).once('close', () => resolve(received));
  });
  if (bytes.length > 0) socket.write(bytes);
  return { socket, closed, received: () => received };
}

/** Sends bytes, and resolves to the status and the JSON of the first answer when the other side has closed. */
export async function exchange(path, bytes) {
  const text = await open(path, bytes).closed;
  return { text, ...answerIn(text) };
}

/** The status and the JSON of the first answer that has a length. */
export function answerIn(text) {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  const line = body.slice(0, Math.max(0, body.indexOf('\n')));
  return { status: Number(text.split(' ')[1]), body: line.startsWith('{') ? JSON.parse(line) : undefined };
}

/** A request whose connection is closed after the answer. `headers` replace the length of the body. */
export function request(method, path, body = '', headers = `Content-Length: ${Buffer.byteLength(body)}\r\n`) {
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n${body}`;
}

/** The body of a ban by hand. */
export const banOf = (...networks) => JSON.stringify({ networks });

/** The line of a hit, as `trapline backfill` sends it. Hits with different numbers are different lines of a log. */
export function hitLine(address, number = 0, rest = {}) {
  const key = number.toString(16).padStart(16, '0');
  return `${JSON.stringify({ jail: 'spamtrap', rule: 'trap', address, at: Date.now(), key, fields: {}, ...rest })}\n`;
}

/** Sends a stream of hits; resolves to the status and the summary. */
export function sendHits(world, text) {
  return exchange(world.socket, request('POST', '/v1/hits', text));
}

/** The number of open descriptors of the daemon. */
export const descriptors = (world) => readdirSync(`/proc/${world.child.pid}/fd`).length;

/** Throws unless an answer is a refusal of this status in one printable line. */
export function mustRefuse({ status, body, text }, wanted, what) {
  must(status === wanted, `${what}: answered with ${status} instead of ${wanted}: ${text.slice(0, 200)}`);
  must(/^[^\p{C}]+$/u.test(body?.error ?? ''), `${what}: the refusal is not one line: ${text.slice(-300)}`);
}

/** The commands that open the ledger when no daemon answers. */
const OPENS_LEDGER = new Set(['bans', 'ban', 'unban', 'backfill']);

/** Runs a command of trapline in the namespace of the world. Resolves to exit code, outputs and duration (milliseconds). */
export function trapline(world, args, { input = '', signal } = {}) {
  // Without a daemon, these commands would otherwise use the ledger of this machine.
  const own = OPENS_LEDGER.has(args[0]) && !args.includes('--state') ? ['--state', world.state] : [];
  const [program, ...rest] = world.inside(...world.before, ...PROGRAM, ...args, ...own);
  const begun = performance.now();
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'], signal });
  const outputs = { out: '', err: '' };
  child.stdout.on('data', (piece) => (outputs.out += piece));
  child.stderr.on('data', (piece) => (outputs.err += piece));
  child.stdin.on('error', () => {}); // The command may end before it has read its input.
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, took: performance.now() - begun, ...outputs }));
  });
}

/** `trapline status` reports on standard output that the daemon does not work, with the remedy. */
const NOT_WORKING = /^(?:NOT WORKING [^\p{C}]+\nwhat to do: [^\p{C}]+\n|\{"state":"NOT WORKING"[^\p{C}]+\}\n)$/u;

/** Throws unless a command ended with one of these exit codes and one printable line. */
export function mustFail({ code, out, err }, codes, what) {
  must(codes.includes(code), `${what}: ended with ${code}: ${(err || out).slice(0, 300)}`);
  must(
    /^trapline: [^\p{C}]+\n$/u.test(err) || (err === '' && NOT_WORKING.test(out)),
    `${what}: the message is not one line: ${err.slice(0, 300)}`,
  );
}

/** A server at a path that treats each connection as `serve(socket)` does. Resolves to a function that ends it. */
export function standIn(path, serve) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () =>
      resolve(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      }),
    );
  });
}

/** Serves each request on a stand-in with a complete answer of this status and body. */
export function answering(status, body) {
  return (socket) => {
    socket.once('data', () => {
      const head = `HTTP/1.1 ${status} X\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
      socket.resume().end(head + body);
    });
  };
}

/**
 * Lets 900 clients ask for the list at `path` and read nothing of it, while there are 8,000 bans with long reasons. Throws when the daemon needs
 * too much memory.
 */
export async function leaveListsUnread(world, path) {
  await world.ban(networks6(8000), { reason: 'x'.repeat(500) });
  const clients = Array.from({ length: 900 }, () => open(world.socket));
  for (const { socket } of clients) socket.pause().write(request('GET', path));
  let most = 0;
  for (let look = 0; look < 100 && most < 600; look += 1) {
    await sleep(100);
    most = Math.max(most, world.memory().most);
  }
  for (const { socket } of clients) socket.destroy();
  must(most < 512, `the daemon needed ${most} MiB`);
}
