import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { isListening } from '../../../src/lib/http/listening.ts';
import { HttpError } from '../../../src/lib/http/refusal.ts';
import { closeServer } from '../../../src/lib/http/server.ts';
import { answerIn, askRaw, get, openRaw, post } from '../../support/http/raw.ts';
import { limitsSettable, withoutDescriptors } from '../../support/limits.ts';
import { freshPlace, place, served } from '../../support/http/served.ts';

freshPlace();

/** The number of connections that the server has open. */
const connectionsOf = (server: Server): Promise<number> => promisify(server.getConnections.bind(server))();

const refuse = (thrown: Error) => () => Promise.reject(thrown);

describe('makeServer', () => {
  it('answers with the value of the handler', async () => {
    await served((request) => ({ url: request.url }));
    expect(await askRaw(place.socket, get('/a?b'))).toEqual({ status: 200, body: { url: '/a?b' } });
  });

  it.each([
    ['an expected error', new ConfigError('f:1:1: unknown key'), 422, { error: 'f:1:1: unknown key', exitCode: 78 }, 0],
    ['a request with an HTTP error', new HttpError(404, 'unknown'), 404, { error: 'unknown', exitCode: 64 }, 0],
    ['a bug', new TypeError('x'), 500, { error: 'a bug in the daemon, see its log: x', exitCode: 1 }, 1],
  ])('answers %s with its status and text', async (_, thrown, status, body, logged) => {
    const { lines } = await served(refuse(thrown));
    expect(await askRaw(place.socket, get('/'))).toEqual({ status, body });
    expect(lines).toHaveLength(logged);
  });

  it('sends the headers of a refusal', async () => {
    await served(refuse(new HttpError(405, 'no', { allow: 'GET, POST' })));
    const connection = await openRaw(place.socket, get('/'));
    await connection.closed;
    expect(connection.received()).toMatch(/\r\nallow: GET, POST\r\n/);
  });

  it('answers a client that has closed its sending end, and closes the connection then', async () => {
    await served(async () => {
      await new Promise((resolve) => void setTimeout(resolve, 50));
      return 'late';
    });
    const connection = await openRaw(place.socket, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    connection.socket.end();
    await connection.closed;
    expect(answerIn(connection.received())).toEqual({ status: 200, body: 'late' });
  });

  it('answers several requests on one connection', async () => {
    await served((request) => request.url);
    const twice = 'GET /1 HTTP/1.1\r\nHost: x\r\n\r\n'.concat(get('/2'));
    const connection = await openRaw(place.socket, twice);
    await connection.closed;
    expect(connection.received()).toMatch(/"\/1"\n[^]*"\/2"\n$/);
  });

  it.each([
    ['bytes that are not HTTP', '\u0000\u0001garbage\r\n\r\n', 400, /^not a request of HTTP\/1\.1, ask with curl/],
    [
      'headers of more than 16 KiB',
      `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(10_000)}`,
      431,
      /^headers of more than 16 KiB, send fewer$/,
    ],
  ])('answers %s with one line of JSON', async (_, bytes, status, error) => {
    await served(() => 'never');
    expect(await askRaw(place.socket, bytes)).toEqual({ status, body: { error: expect.stringMatching(error), exitCode: 64 } });
  });

  it('accepts headers of 15 KiB', async () => {
    await served(() => 'taken');
    expect(
      await askRaw(place.socket, `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ${'y'.repeat(15_000)}\r\n\r\n`),
    ).toEqual({
      status: 200,
      body: 'taken',
    });
  });

  it.each([
    ['nothing', ''],
    ['half of the headers', 'GET / HT'],
  ])('answers and then closes a connection whose client sends %s', async (_, bytes) => {
    await served(() => 'never', { headTime: 100 });
    const connection = await openRaw(place.socket, bytes);
    await connection.closed;
    const error = 'the request took too long to arrive, send it again';
    expect(answerIn(connection.received())).toEqual({ status: 408, body: { error, exitCode: 64 } });
  });

  it('closes connections above the allowed number, with one line in the log', async () => {
    const { lines } = await served(() => 'taken', { connections: 2 });
    const held = [await openRaw(place.socket), await openRaw(place.socket)];
    for (let more = 0; more < 3; more += 1) await (await openRaw(place.socket)).closed;
    expect(lines).toEqual(['warn: test: more than 2 connections, closed one']);
    for (const { socket } of held) socket.end(get('/'));
    await Promise.all(held.map((connection) => connection.closed));
    expect(held.map((connection) => answerIn(connection.received()).status)).toEqual([200, 200]);
  });
});

describe('a connection', () => {
  it.each([
    ['bytes that are not HTTP, and keeps its end open', '\u0000garbage\r\n\r\n', 400, /^not a request of HTTP/],
    ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 405, /^"CONNECT" is not known, this server is no proxy; ask with/],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, /^the header "Host" is missing, .* send any name$/],
    [
      'an unknown header "Expect"',
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: miracles\r\n\r\n',
      417,
      /^the header "Expect" .* leave it out$/,
    ],
  ])('is closed for good after one line of answer when its client sends %s', async (_, bytes, status, error) => {
    const { server } = await served(() => 'never');
    const connection = await openRaw(place.socket, bytes);
    await connection.closed;
    expect(answerIn(connection.received())).toEqual({ status, body: { error: expect.stringMatching(error), exitCode: 64 } });
    await expect.poll(() => connectionsOf(server)).toBe(0);
  });

  it.each([
    ['garbage', '\u0000garbage\r\n\r\n'],
    ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['half of a request', 'GET / HT'],
    ['half of a body', post('/', 'x', 'Content-Length: 9\r\n')],
  ])('is closed for good when its client sends %s, continues to send, and never closes its end', async (_, bytes) => {
    const { server } = await served(refuse(new HttpError(408, 'too slow')), { headTime: 100 });
    const arrived = once(server, 'connection');
    const deaf = connect({ path: place.socket, allowHalfOpen: true }).on('error', () => {});
    deaf.write(bytes);
    const sending = setInterval(() => deaf.write('x'), 5);
    await arrived;
    await expect.poll(() => connectionsOf(server)).toBe(0);
    clearInterval(sending);
    deaf.destroy();
  });

  it('is closed for good when its client does not read a long answer', async () => {
    const { server } = await served(() => 'x'.repeat(10_000_000), { pageTime: 100 });
    const arrived = once(server, 'connection');
    const deaf = connect({ path: place.socket, allowHalfOpen: true }).on('error', () => {});
    deaf.write(get('/'));
    await arrived;
    await expect.poll(() => connectionsOf(server)).toBe(0);
    deaf.destroy();
  });

  it('may use HTTP/1.0 without the header "Host"', async () => {
    await served(() => 'taken');
    expect(await askRaw(place.socket, 'GET / HTTP/1.0\r\n\r\n')).toEqual({ status: 200, body: 'taken' });
  });
});

describe('10,000 half requests', () => {
  it('do not prevent the answer to a complete request', async () => {
    await served(() => 'taken', { connections: 50, silentTime: 20 });
    const held: Socket[] = [];
    // At most a thousand connections at a time, because clients and server share the descriptors of this one process.
    for (let sent = 0; sent < 10_000; sent += 1) {
      held.push(connect({ path: place.socket, allowHalfOpen: true }).on('error', () => {}));
      held.at(-1)?.write(sent % 2 === 0 ? 'GET /v1/st' : post('/', 'half', 'Content-Length: 9\r\n'));
      if (sent % 1000 < 999) continue;
      await expect.poll(() => askRaw(place.socket, get('/')).catch(() => 'closed')).toEqual({ status: 200, body: 'taken' });
      for (const socket of held.splice(0)) socket.destroy();
    }
  }, 60_000);
});

describe.runIf(limitsSettable)('without a free descriptor', () => {
  it('a server closes connections that it cannot accept, and accepts connections again when descriptors are free', async () => {
    const { server } = await served(() => 'taken');
    const clients = Array.from({ length: 3 }, () => connect({ path: place.socket }).on('error', () => {}));
    // The connections wait in the backlog, and the server has no free descriptor when it tries to accept them.
    await withoutDescriptors(() => Promise.all(clients.map((client) => once(client, 'close'))));
    expect(await connectionsOf(server)).toBe(0);
    expect(await askRaw(place.socket, get('/'))).toEqual({ status: 200, body: 'taken' });
  });
});

describe('a connection that cannot be accepted', () => {
  it('is logged, and does not end the program', async () => {
    const { server, lines } = await served(() => 'taken');
    server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    expect(lines).toEqual(['warn: test: a connection cannot be accepted (EMFILE)']);
    expect(await askRaw(place.socket, get('/'))).toEqual({ status: 200, body: 'taken' });
  });
});

describe('closeServer', () => {
  it('waits until a request in progress is answered', async () => {
    let asked = false;
    const gate = new EventEmitter();
    const { server } = await served(async () => {
      asked = true;
      await once(gate, 'go');
      return 'late';
    });
    const connection = await openRaw(place.socket, get('/'));
    await expect.poll(() => asked).toBe(true);
    const closed = closeServer(server, 20_000);
    expect(await isListening(place.socket)).toBe(false);
    gate.emit('go');
    await closed;
    await connection.closed;
    expect(answerIn(connection.received())).toEqual({ status: 200, body: 'late' });
  });

  it('closes every connection at the end of the grace period', async () => {
    const { server } = await served(() => new Promise(() => {}));
    const idle = await openRaw(place.socket);
    const half = await openRaw(place.socket, 'GET /v1/st');
    const hanging = await openRaw(place.socket, post('/', ''));
    await closeServer(server, 20);
    expect(await Promise.all([idle, half, hanging].map((connection) => connection.closed))).toHaveLength(3);
  });

  it('closes idle connections at once', async () => {
    const { server } = await served(() => 'taken');
    const connection = await openRaw(place.socket, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => connection.received()).toMatch(/"taken"\n$/);
    await closeServer(server, 20_000);
    await connection.closed;
  });
});
