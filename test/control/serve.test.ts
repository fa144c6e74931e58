import { execFile } from 'node:child_process';
import { chmodSync, existsSync, linkSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callControl, isRunning } from '../../src/control/call.ts';
import { serveControl, type Limits } from '../../src/control/serve.ts';
import { ConfigError, LedgerError, messageOf } from '../../src/errors.ts';
import type { Controls } from '../../src/types.ts';
import { deskControls, keptLog, STATUS } from '../support/control-desk.ts';
import { answerIn, askRaw, openRaw } from '../support/control-raw.ts';
import { root } from '../support/privileges.ts';

const OWN_GROUP = String(process.getgid?.() ?? 0);

let folder: string;
let socket: string;
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-serve-'));
  chmodSync(folder, 0o755);
  socket = join(folder, 'control.sock');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

interface Wishes {
  readonly mode?: number;
  readonly group?: string;
  readonly limits?: Partial<Limits>;
}

const serve = async (controls: Controls = deskControls(), wishes: Wishes = {}) => {
  const { lines, log } = keptLog();
  const server = await serveControl(controls, { socket, mode: 0o660, group: OWN_GROUP, ...wishes }, log);
  open.push(server);
  return { lines, server };
};

/** What real curl prints, as user and group if told; what it exits with when it fails. */
const curl = (words: readonly string[], who: { uid?: number; gid?: number } = {}): Promise<unknown> =>
  new Promise((resolve) => {
    execFile('curl', ['-sS', '--unix-socket', socket, ...words], { ...who, cwd: '/' }, (error, text) => {
      resolve(error ? { exit: error.code } : JSON.parse(text));
    });
  });

const post = (path: string, body: string | Buffer, headers = `Content-Length: ${Buffer.byteLength(body)}\r\n`): Buffer =>
  Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`), Buffer.from(body)]);

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;

/** What a promise rejects with, on one line. */
const refusal = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'not refused', messageOf);

describe('serveControl', () => {
  it('answers curl', async () => {
    await serve();
    const url = 'http://trapline';
    const row = { network: '192.0.2.7', reason: 'by curl' };
    expect(await curl([`${url}/v1/status`])).toEqual(STATUS);
    expect(await curl([`${url}/v1/bans`, '-d', '{"networks":["192.0.2.7"],"reason":"by curl"}'])).toMatchObject({ bans: [row] });
    expect(await curl(['-G', `${url}/v1/bans`, '-d', 'within=192.0.2.7'])).toMatchObject({ bans: [row] });
    expect(await curl(['-X', 'DELETE', `${url}/v1/bans`, '-d', '{"all":true}'])).toMatchObject({ bans: [row] });
    expect(await curl([`${url}/v1/bans`])).toEqual({ bans: [] });
    expect(await curl(['-X', 'POST', `${url}/v1/reload`])).toEqual({ reloaded: true });
  });

  it('K05: answers the same shape of status every time', async () => {
    await serve();
    const { status, body } = await askRaw(socket, get('/v1/status'));
    expect(status).toBe(200);
    expect(body).toMatchInlineSnapshot(
      { pid: expect.any(Number) as number },
      `
      {
        "actions": [
          {
            "drift": 0,
            "lastError": null,
            "name": "nftables",
            "owed": 0,
            "state": "ok",
          },
        ],
        "bans": 0,
        "config": null,
        "hits": 0,
        "jails": [
          {
            "bans": 0,
            "filter": "postfix-spamtrap",
            "hits": 0,
            "name": "spamtrap",
            "rules": [
              {
                "name": "recipient",
                "setAside": null,
              },
            ],
            "spared": 0,
          },
        ],
        "ledger": "/var/lib/trapline/trapline.db",
        "pid": Any<Number>,
        "since": "2026-11-25T00:00:00.000Z",
        "sources": [
          {
            "bytes": 3456,
            "lines": 12,
            "name": "file:/var/log/mail.log",
            "state": "following",
          },
        ],
        "version": "0.1.0",
      }
    `,
    );
  });

  it('F12: answers while another request is still being carried out', async () => {
    const desk = deskControls();
    const controls = deskControls({
      // An action that runs the command line and waits for it.
      ban: async ({ networks }) => (await callControl(socket).unban({ networks: ['198.51.100.1'] }), desk.ban({ networks })),
    });
    await serve(controls);
    expect(await callControl(socket).ban({ networks: ['192.0.2.7'] })).toMatchObject([{ network: '192.0.2.7' }]);
  });

  it('makes the folder of the socket, and leaves nothing else in it', async () => {
    socket = join(folder, 'run', 'trapline', 'control.sock');
    await serve();
    expect(readdirSync(join(folder, 'run', 'trapline'))).toEqual(['control.sock']);
  });

  it('removes its socket when it closes', async () => {
    const { server } = await serve();
    await server.close();
    expect(existsSync(socket)).toBe(false);
  });

  it('leaves a socket that has become another daemon’s', async () => {
    const { server } = await serve();
    rmSync(socket);
    await serve();
    await server.close();
    expect(await isRunning(socket)).toBe(true);
  });

  it('replaces a socket that nobody answers at', async () => {
    const { server } = await serve();
    linkSync(socket, join(folder, 'kept'));
    await server.close();
    linkSync(join(folder, 'kept'), socket);
    expect(await isRunning(socket)).toBe(false);
    await serve();
    expect(await callControl(socket).status()).toEqual(STATUS);
  });

  it('refuses to start beside a daemon that answers, which goes on', async () => {
    await serve();
    const words = `another trapline answers on ${socket} (pid ${process.pid}), stop it first`;
    expect(await refusal(serve())).toBe(words);
    expect(await callControl(socket).status()).toEqual(STATUS);
    expect(readdirSync(folder)).toEqual(['control.sock']);
  });

  it('refuses to start beside a server that listens and says nothing of itself', async () => {
    const other = createServer((_, response) => void response.end('hello'));
    await new Promise<void>((resolve) => {
      other.listen(socket, resolve);
    });
    expect(await refusal(serve())).toBe(`another trapline answers on ${socket}, stop it first`);
    other.close();
  });

  it('lets one of many that start at once win', async () => {
    const tried = await Promise.allSettled(Array.from({ length: 10 }, () => serve()));
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await callControl(socket).status()).toEqual(STATUS);
  });

  it('does not touch what is no socket', async () => {
    writeFileSync(socket, 'precious');
    expect(await refusal(serve())).toBe(`${socket}: is there and is no socket, take it away or choose another "control.socket"`);
    expect(statSync(socket).size).toBe(8);
  });

  it('refuses a path that is too long for a socket', async () => {
    socket = join(folder, 'x'.repeat(120));
    expect(await refusal(serve())).toMatch(/too long a path for a socket, choose one of at most \d+ bytes$/);
  });

  it('says why the socket cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    socket = join(folder, 'file', 'control.sock');
    expect(await refusal(serve())).toMatch(/^\S+control\.sock: cannot be made: (?:ENOTDIR|EEXIST)/);
  });

  it('closes at once, whatever is still open', async () => {
    const { server } = await serve(deskControls({ reload: () => new Promise(() => {}) }));
    await openRaw(socket);
    await openRaw(socket, 'GET /v1/st');
    const hanging = await openRaw(socket, post('/v1/reload', ''));
    await server.close();
    await hanging.closed;
    expect(await isRunning(socket)).toBe(false);
  });
});

describe('who may call', () => {
  it('S05: is decided by the mode of the socket', async () => {
    await serve(deskControls(), { mode: 0o600 });
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  it('says so when there is no such group, and keeps its own', async () => {
    const { lines } = await serve(deskControls(), { group: 'no-such-group' });
    expect(lines).toEqual([`notice: ${socket}: keeps the group of the daemon, there is no group "no-such-group"`]);
    expect(statSync(socket).gid).toBe(process.getgid?.());
  });

  describe.runIf(root)('with other users', () => {
    const NOBODY = 65_534;
    const MEMBER = 12_345;

    it('S05: is decided by the group of the socket', async () => {
      await serve(deskControls(), { group: String(MEMBER) });
      expect(statSync(socket).gid).toBe(MEMBER);
      expect(await curl(['http://trapline/v1/status'], { uid: NOBODY, gid: MEMBER })).toEqual(STATUS);
      expect(await curl(['http://trapline/v1/status'], { uid: NOBODY, gid: NOBODY })).toEqual({ exit: 7 });
    });

    it('S05: finds the group by its name', async () => {
      await serve(deskControls(), { group: 'daemon' });
      expect(statSync(socket).gid).toBe(1);
    });

    it('tells whoever may not what to do', async () => {
      await serve(deskControls(), { group: String(MEMBER) });
      process.seteuid?.(NOBODY);
      const asked = refusal(isRunning(socket));
      process.seteuid?.(0);
      expect(await asked).toBe(`${socket}: this user may not, join the group of the socket or use sudo`);
    });
  });
});

describe('a request', () => {
  it.each([
    [
      'an unknown path',
      get('/v1/nothing'),
      404,
      '"/v1/nothing" is not known, try one of GET /v1/status, GET /v1/bans, POST /v1/bans, DELETE /v1/bans, POST /v1/reload, POST /v1/hits',
    ],
    [
      'a path out of an object',
      get('/constructor'),
      404,
      '"/constructor" is not known, try one of GET /v1/status, GET /v1/bans, POST /v1/bans, DELETE /v1/bans, POST /v1/reload, POST /v1/hits',
    ],
    ['an unknown method', post('/v1/status', ''), 405, '"POST" is not known at /v1/status, it knows GET'],
    ['an unknown parameter', get('/v1/bans?withn=192.0.2.0/24'), 400, 'unknown parameter "withn", known here: within'],
    ['a parameter twice', get('/v1/bans?within=::1&within=::2'), 400, 'parameter "within" is there twice, give it once'],
    [
      'a network that is none',
      get('/v1/bans?within=192.0.2.7/24'),
      400,
      '"192.0.2.7/24": host bits set, did you mean "192.0.2.0/24"?',
    ],
    ['no JSON', post('/v1/bans', 'networks=192.0.2.7'), 400, 'body: not JSON'],
    ['no body', post('/v1/bans', ''), 400, 'body: not JSON'],
    ['another JSON', post('/v1/bans', '[1]'), 400, 'body: Invalid input: expected object, received array'],
    ['an unknown key', post('/v1/bans', '{"networks":[],"tme":1}'), 400, 'body: Unrecognized key: "tme"'],
    [
      'a wrong value',
      post('/v1/bans', '{"networks":[1]}'),
      400,
      'body: "networks.0": Invalid input: expected string, received number',
    ],
    [
      'a negative span',
      post('/v1/bans', '{"networks":["::1"],"duration":-5}'),
      400,
      'body: "duration": Too small: expected number to be >=1',
    ],
    [
      'an endless network',
      post('/v1/bans', `{"networks":["${'1'.repeat(100)}"]}`),
      400,
      'body: "networks.0": longer than any address',
    ],
    ['no number for a switch', post('/v1/hits?from-now=yes', ''), 400, 'parameter "from-now" is "yes", write 1 or 0'],
  ])('with %s is refused in one line', async (_, bytes, status, error) => {
    await serve();
    const answer = await askRaw(socket, bytes);
    expect(answer).toEqual({ status, body: { error, exitCode: 64 } });
  });

  it('S07: with text where an address belongs bans nothing, and comes back escaped', async () => {
    const desk = deskControls();
    await serve(desk);
    for (const text of ['192.0.2.1; rm -rf /', '-s', '\u001b[2J\u202e', '192.0.2.1\n192.0.2.2', '192.0.2.1 192.0.2.2']) {
      const answer = await askRaw(socket, post('/v1/bans', JSON.stringify({ networks: ['192.0.2.7', text] })));
      expect(answer).toEqual({
        status: 400,
        body: { error: expect.stringMatching(/^"[^\p{Cc}\p{Bidi_Control}]*": not an address or network$/u), exitCode: 64 },
      });
    }
    expect(desk.held.size).toBe(0);
  });

  it.each([
    [
      'a faulty configuration',
      new ConfigError('trapline.yaml:1:1: unknown key'),
      422,
      { error: 'trapline.yaml:1:1: unknown key', exitCode: 78 },
    ],
    ['a ledger that cannot be written', new LedgerError('disk full'), 503, { error: 'disk full', exitCode: 69 }],
  ])('that fails for %s says so', async (_, thrown, status, body) => {
    const { lines } = await serve(deskControls({ reload: () => Promise.reject(thrown) }));
    expect(await askRaw(socket, post('/v1/reload', ''))).toEqual({ status, body });
    expect(lines).toEqual([]);
  });

  it('that meets a bug is answered, the bug is logged, and the daemon goes on', async () => {
    const { lines } = await serve(deskControls({ reload: () => Promise.reject(new TypeError('x is\nundefined')) }));
    const body = { error: 'a bug in the daemon, see its log: x is; undefined', exitCode: 1 };
    expect(await askRaw(socket, post('/v1/reload', ''))).toEqual({ status: 500, body });
    expect(lines).toEqual([expect.stringMatching(/^error: a request failed, please report this: TypeError: x is/)]);
    expect(await callControl(socket).status()).toEqual(STATUS);
  });

  it('shows text of attackers escaped, and yet whole', async () => {
    const reason = '\u001b[31m\u009b\u202egood\u2028';
    await serve();
    await callControl(socket).ban({ networks: ['192.0.2.7'], reason });
    const connection = await openRaw(socket, get('/v1/bans'));
    await connection.closed;
    expect(connection.received().split('\r\n\r\n')[1]).toMatch(/^[^\p{Cc}\p{Bidi_Control}\u2028]*\n$/u);
    expect(answerIn(connection.received()).body).toMatchObject({ bans: [{ reason }] });
  });
});

describe('limits', () => {
  it.each([
    ['garbage', '\u0000\u0001\u0002garbage\r\n\r\n', 400, /^not a request of HTTP\/1\.1/],
    ['the greeting of another protocol', 'EHLO mail.example.org\r\n', 400, /^not a request of HTTP\/1\.1/],
    ['endless headers', `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(10_000)}`, 431, /^headers of more than 16 KiB/],
    ['a body that is announced too long', post('/v1/bans', '', 'Content-Length: 1048577\r\n'), 413, /^body of more than 1024 KiB/],
    ['a body that is too long', post('/v1/bans', Buffer.alloc(1_100_000, ' ')), 413, /^body of more than 1024 KiB/],
    ['a line of a stream that is too long', post('/v1/hits', Buffer.alloc(70_000, 'x')), 400, /^a line of more than 64 KiB/],
  ])('refuse %s', async (_, bytes, status, error) => {
    await serve();
    expect(await askRaw(socket, bytes)).toEqual({ status, body: { error: expect.stringMatching(error), exitCode: 64 } });
    expect(await callControl(socket).status()).toEqual(STATUS);
  });

  it.each([
    ['nothing', ''],
    ['half of the headers', 'GET /v1/status HT'],
    ['half of a body', post('/v1/bans', '{"netw', 'Content-Length: 100\r\n').toString()],
    ['half of a stream', post('/v1/hits', '1\r\n\n\r\n', 'Transfer-Encoding: chunked\r\n').toString()],
  ])('end the connection of whoever sends %s and then falls silent', async (_, bytes) => {
    await serve(deskControls(), { limits: { headTime: 200, bodyTime: 200, silence: 200, grace: 100 } });
    const connection = await openRaw(socket, bytes);
    await connection.closed;
    expect(answerIn(connection.received())).toEqual({
      status: 408,
      body: { error: 'the request took too long to arrive, send it again', exitCode: 64 },
    });
  });

  it('do not let half a request do anything', async () => {
    const desk = deskControls();
    await serve(desk);
    const connection = await openRaw(socket, post('/v1/bans', '{"networks":["192.0.2.7"]}', 'Content-Length: 27\r\n'));
    connection.socket.destroy();
    await connection.closed;
    await callControl(socket).status();
    expect(desk.held.size).toBe(0);
  });

  it('close connections beyond the allowed number, and say so once', async () => {
    const { lines } = await serve(deskControls(), { limits: { connections: 2 } });
    const held = [await openRaw(socket), await openRaw(socket)];
    const more = await openRaw(socket);
    await more.closed;
    expect(lines).toEqual([`warn: ${socket}: more than 2 connections, closed one`]);
    for (const { socket: connection } of held) connection.destroy();
    await expect
      .poll(() =>
        callControl(socket)
          .status()
          .catch(() => undefined),
      )
      .toEqual(STATUS);
  });

  it('let 1,000 clients in at once', async () => {
    const desk = deskControls();
    await serve(desk);
    const client = callControl(socket);
    const asked = Array.from({ length: 1000 }, (__, number) => client.ban({ networks: [`10.0.${number >> 8}.${number & 255}`] }));
    expect(await Promise.all(asked)).toHaveLength(1000);
    expect(await client.bans()).toHaveLength(1000);
  });

  it('hold against random bytes', async () => {
    await serve(deskControls(), { limits: { headTime: 500, bodyTime: 500, grace: 50 } });
    let seed = 1;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647);
    const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random() % 256));
    const requests = Array.from({ length: 100 }, (__, number) => {
      const whole = Buffer.from(post(['/v1/bans', '/v1/hits', '/v1/reload'][number % 3] ?? '', '{"networks":["192.0.2.7"]}'));
      const at = random() % whole.length;
      return number % 2 === 0
        ? noise(1 + (random() % 300))
        : Buffer.concat([whole.subarray(0, at), noise(3), whole.subarray(at + 3)]);
    });
    await Promise.all(requests.map(async (bytes) => (await openRaw(socket, bytes)).closed));
    expect(await callControl(socket).status()).toMatchObject({ version: '0.1.0' });
  });
});
