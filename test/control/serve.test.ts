import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callControl, isRunning, type ControlClient } from '../../src/control/call.ts';
import { ControlError, LedgerError } from '../../src/errors.ts';
import { curl } from '../support/control/curl.ts';
import { forReaders, memoryDesk, STATUS } from '../support/control/desk.ts';
import { freshPlace, place, refusal, refusalText, serve } from '../support/control/place.ts';
import { answerIn, askRaw, get, openRaw, post } from '../support/http/raw.ts';
import { root } from '../support/privileges.ts';
import type { BanRow } from '../../src/words/desk.ts';

freshPlace();

/** The ban with the number `n`. A ban with a higher number is older. */
const nth = (n: number): BanRow => ({
  network: `10.0.${n >> 8}.${n & 255}`,
  jail: 'spamtrap',
  since: new Date(1_795_000_000_000 - n).toISOString(),
  until: null,
  offence: 1,
  origin: 'log',
  reason: 'recipient',
});

function* broken(): Generator<readonly BanRow[]> {
  yield [nth(1)];
  yield [nth(2)];
  throw new LedgerError('cannot be read');
}

describe('serveControl', () => {
  it('answers curl', async () => {
    await serve();
    const url = 'http://trapline';
    const row = { network: '192.0.2.7', reason: 'by curl' };
    expect(await curl(place.socket, [`${url}/v1/status`])).toEqual(STATUS);
    expect(await curl(place.socket, [`${url}/v1/bans`, '-d', '{"networks":["192.0.2.7"],"reason":"by curl"}'])).toMatchObject({
      bans: [row],
    });
    expect(await curl(place.socket, ['-G', `${url}/v1/bans`, '-d', 'within=192.0.2.7'])).toMatchObject({ bans: [row] });
    expect(await curl(place.socket, ['-X', 'DELETE', `${url}/v1/bans`, '-d', '{"all":true}'])).toMatchObject({ bans: [row] });
    expect(await curl(place.socket, [`${url}/v1/bans`])).toEqual({ bans: [] });
    expect(await curl(place.socket, ['-X', 'POST', `${url}/v1/reload`])).toEqual({ reloaded: true });
  });

  it('K05: answers with a status that has a fixed structure', async () => {
    await serve();
    const { status, body } = await askRaw(place.socket, get('/v1/status'));
    expect(status).toBe(200);
    expect(body).toMatchInlineSnapshot(
      { pid: expect.any(Number) as number },
      `
      {
        "actions": [
          {
            "blocks": true,
            "drift": 0,
            "lastError": null,
            "name": "nftables",
            "owed": 0,
            "since": null,
            "state": "ok",
            "works": true,
          },
        ],
        "bans": 0,
        "config": null,
        "hits": 0,
        "host": "mx1.example.org",
        "ineffective": [],
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
            "stopped": null,
          },
        ],
        "ledger": "/var/lib/trapline/trapline.db",
        "ledgerFault": null,
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
        "unwritten": 0,
        "version": "0.1.0",
      }
    `,
    );
  });

  it('B10: sends very many bans page by page, and answers other requests in between', async () => {
    let made = 0;
    const seen: number[] = [];
    const bans = function* (within?: string): Generator<readonly BanRow[]> {
      yield [];
      if (within !== undefined) return;
      for (; made < 20_000; made += 100) yield Array.from({ length: 100 }, (_, n) => nth(made + n));
      yield [];
    };
    await serve(memoryDesk({ bans, status: () => (seen.push(made), STATUS) }));
    const client = callControl(place.socket);
    const [all] = await Promise.all([client.bans(), client.status()]);
    expect(all).toHaveLength(20_000);
    expect(all.at(0)).toEqual(nth(19_999));
    expect(seen[0]).toBeLessThan(20_000);
    expect(await client.bans('10.0.0.1')).toEqual([]);
  });

  it('aborts a list that cannot be completed', async () => {
    await serve(memoryDesk({ bans: broken }));
    await expect(callControl(place.socket).bans()).rejects.toThrow('the daemon ended before it answered');
  });

  it('F12: answers while another request is still running', async () => {
    const desk = memoryDesk();
    const runner = memoryDesk({
      // Calls the socket again and waits for the answer, as an action does that runs `trapline unban`.
      ban: async ({ networks }) => {
        await callControl(place.socket).unban({ networks: ['198.51.100.1'] });
        return desk.orders.ban({ networks });
      },
    });
    await serve(runner);
    expect(await callControl(place.socket).ban({ networks: ['192.0.2.7'] })).toMatchObject([{ network: '192.0.2.7' }]);
  });

  it('closes at once, although connections are open', async () => {
    const { server } = await serve(memoryDesk({ reload: () => new Promise(() => {}) }));
    await openRaw(place.socket);
    await openRaw(place.socket, 'GET /v1/st');
    const hanging = await openRaw(place.socket, post('/v1/reload', ''));
    await server.close();
    await hanging.closed;
    expect(await isRunning(place.socket)).toBe(false);
    expect(existsSync(place.socket)).toBe(false);
  });
});

describe('a socket whose path has vanished', () => {
  it.each([
    ['the socket was removed', () => rmSync(place.socket)],
    ['its folder was removed', () => rmSync(dirname(place.socket), { recursive: true })],
  ])('is made again when %s, and requests in progress get their answers', async (_, vanish) => {
    place.socket = join(place.folder, 'run', 'control.sock');
    const finish: (() => void)[] = [];
    const { server, lines } = await serve(memoryDesk({ reload: () => new Promise((resolve) => void finish.push(resolve)) }));
    const reload = await openRaw(place.socket, post('/v1/reload', ''));
    await callControl(place.socket).status();
    vanish();
    await Promise.all([server.renew(), server.renew()]);
    expect(await callControl(place.socket).status()).toEqual(STATUS);
    expect(statSync(place.socket).mode & 0o777).toBe(0o660);
    expect(lines).toEqual([`notice: ${place.socket}: had been removed, and was made again`]);
    for (const end of finish) end();
    await reload.closed;
    expect(answerIn(reload.received())).toMatchObject({ status: 200, body: { reloaded: true } });
    await server.close();
    expect(existsSync(place.socket)).toBe(false);
  });

  it('is left alone while any file is at its path, and tried again when it cannot be made', async () => {
    const { server, lines } = await serve();
    await server.renew();
    rmSync(place.socket);
    writeFileSync(place.socket, 'precious');
    await server.renew();
    expect(readFileSync(place.socket, 'utf8')).toBe('precious');
    rmSync(place.folder, { recursive: true });
    writeFileSync(place.folder, 'no folder');
    await expect(server.renew()).rejects.toThrow(ControlError);
    rmSync(place.folder);
    await server.renew();
    expect(await callControl(place.socket).status()).toEqual(STATUS);
    expect(lines).toHaveLength(1);
  });

  it('is no obstacle to a stop when its folder has become a file', async () => {
    place.socket = join(place.folder, 'run', 'control.sock');
    const { server } = await serve();
    rmSync(dirname(place.socket), { recursive: true });
    writeFileSync(dirname(place.socket), 'no folder');
    await expect(server.close()).resolves.not.toThrow();
  });
});

describe('a socket in use', () => {
  it('is refused with the process id of the daemon that listens on it, and this daemon continues', async () => {
    await serve();
    const words = `another trapline answers on ${place.socket} (pid ${process.pid}), stop it first`;
    expect(await refusalText(serve())).toBe(words);
    expect(await callControl(place.socket).status()).toEqual(STATUS);
    expect(readdirSync(place.folder)).toEqual(['control.sock']);
  });

  it('is refused also when another program listens on it', async () => {
    const other = createServer((_, response) => void response.end('hello'));
    await new Promise<void>((resolve) => {
      other.listen(place.socket, resolve);
    });
    expect(await refusalText(serve())).toBe(`another trapline answers on ${place.socket}, stop it first`);
    other.close();
  });

  it.each([
    ['control.socket', memoryDesk()],
    ['control.readers_socket', forReaders(memoryDesk())],
  ])('is refused, with the name of the option, when it is a file: %s', async (option, desk) => {
    writeFileSync(place.socket, 'precious');
    expect(await refusalText(serve(desk))).toBe(`${place.socket}: is no socket, remove it or choose another "${option}"`);
  });
});

describe('access to the control socket', () => {
  it('S05: depends on the mode of the socket', async () => {
    await serve(memoryDesk(), { mode: 0o600 });
    expect(statSync(place.socket).mode & 0o777).toBe(0o600);
  });

  describe.runIf(root)('with other users', () => {
    const NOBODY = 65_534;
    const MEMBER = 12_345;
    const READER = 23_456;

    it('S05: depends on the group of the socket', async () => {
      await serve(memoryDesk(), { group: String(MEMBER) });
      expect(await curl(place.socket, ['http://trapline/v1/status'], { uid: NOBODY, gid: MEMBER })).toEqual(STATUS);
      expect(await curl(place.socket, ['http://trapline/v1/status'], { uid: NOBODY, gid: NOBODY })).toEqual({ exit: 7 });
    });

    it('S05: allows another group to read but not to change anything', async () => {
      const desk = memoryDesk();
      const second = join(place.folder, 'status.sock');
      await serve(desk, { group: String(MEMBER) });
      await serve(forReaders(desk), { group: String(READER), socket: second });
      const url = 'http://trapline/v1';
      const reader = { uid: NOBODY, gid: READER };
      const ban = ['-d', '{"networks":["192.0.2.7"]}', `${url}/bans`];
      expect(await curl(second, [`${url}/status`], reader)).toEqual(STATUS);
      expect(await curl(second, ban, reader)).toEqual({
        error: '"POST" is not for readers, this socket answers GET only; nothing was changed',
        exitCode: 77,
      });
      expect(await curl(place.socket, ban, reader)).toEqual({ exit: 7 });
      expect(await curl(second, [`${url}/status`], { uid: NOBODY, gid: MEMBER })).toEqual({ exit: 7 });
      expect(desk.held.size).toBe(0);
    });

    it('is refused with advice for the user', async () => {
      await serve(memoryDesk(), { group: String(MEMBER) });
      process.seteuid?.(NOBODY);
      const asked = refusalText(isRunning(place.socket));
      process.seteuid?.(0);
      expect(await asked).toMatch(/control\.sock: permission denied: (?:be in group .*, or )?use sudo$/);
    });
  });
});

describe('a socket for readers', () => {
  it('answers requests for status and bans', async () => {
    await serve(forReaders(memoryDesk()));
    const client = callControl(place.socket);
    expect(await client.status()).toEqual(STATUS);
    expect(await client.bans('192.0.2.0/24')).toEqual([]);
  });

  it.each([
    ['a ban', (client: ControlClient) => client.ban({ networks: ['192.0.2.7'] }), 'POST'],
    ['an unban', (client: ControlClient) => client.unban({ networks: [], all: true }), 'DELETE'],
    ['a reload', (client: ControlClient) => client.reload(), 'POST'],
    [
      'hits',
      (client: ControlClient) =>
        client.judge(
          (async function* () {
            yield [];
          })(),
          { fromNow: false },
        ),
      'POST',
    ],
  ])('S05: refuses %s, and changes nothing', async (_, ask, method) => {
    const asked: string[] = [];
    const note = (name: string) => () => {
      asked.push(name);
      return Promise.reject(new LedgerError('never'));
    };
    const desk = memoryDesk({ ban: note('ban'), unban: note('unban'), reload: note('reload'), judge: note('judge') });
    await serve(forReaders(desk));
    const refused = await refusal(ask(callControl(place.socket)));
    expect(refused).toBeInstanceOf(ControlError);
    expect(refused).toMatchObject({
      message: `"${method}" is not for readers, this socket answers GET only; nothing was changed`,
      exitCode: 77,
    });
    expect(asked).toEqual([]);
  });

  it('answers 403 to a request that would change something, and 404 to an unknown request', async () => {
    await serve(forReaders(memoryDesk()));
    expect(await askRaw(place.socket, post('/v1/bans', '{"networks":["192.0.2.7"]}'))).toMatchObject({ status: 403 });
    expect(await askRaw(place.socket, post('/v1/nothing', ''))).toMatchObject({ status: 404 });
  });

  it('does not block the socket for commands, however many clients it has', async () => {
    const desk = memoryDesk();
    const second = join(place.folder, 'status.sock');
    await serve(desk);
    await serve(forReaders(desk), { socket: second, limits: { connections: 2 } });
    const held = await Promise.all(Array.from({ length: 10 }, () => openRaw(second)));
    expect(await callControl(place.socket).ban({ networks: ['192.0.2.7'] })).toHaveLength(1);
    for (const { socket: connection } of held) connection.destroy();
  });
});

describe('the limits of the socket', () => {
  it.each([
    ['garbage', '\u0000\u0001\u0002garbage\r\n\r\n', 400, /^not a request of HTTP\/1\.1/],
    ['the greeting of another protocol', 'EHLO mail.example.org\r\n', 400, /^not a request of HTTP\/1\.1/],
    ['endless headers', `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(10_000)}`, 431, /^headers of more than 16 KiB/],
    [
      'a body with a length that is too large',
      post('/v1/bans', '', 'Content-Length: 1048577\r\n'),
      413,
      /^body of more than 1024 KiB/,
    ],
    ['a body that is too long', post('/v1/bans', Buffer.alloc(1_100_000, ' ')), 413, /^body of more than 1024 KiB/],
    ['a line of a stream that is too long', post('/v1/hits', Buffer.alloc(70_000, 'x')), 400, /^a line of more than 64 KiB/],
  ])('refuse %s', async (_, bytes, status, error) => {
    await serve();
    expect(await askRaw(place.socket, bytes)).toEqual({ status, body: { error: expect.stringMatching(error), exitCode: 64 } });
    expect(await callControl(place.socket).status()).toEqual(STATUS);
  });

  it.each([
    ['nothing', ''],
    ['half of the headers', 'GET /v1/status HT'],
    ['half of a body', post('/v1/bans', '{"netw', 'Content-Length: 100\r\n').toString()],
    ['half of a stream', post('/v1/hits', '1\r\n\n\r\n', 'Transfer-Encoding: chunked\r\n').toString()],
  ])('close the connection of a client that sends %s and then falls silent', async (_, bytes) => {
    await serve(memoryDesk(), { limits: { headTime: 200, bodyTime: 200, silence: 200, grace: 100 } });
    const connection = await openRaw(place.socket, bytes);
    await connection.closed;
    expect(answerIn(connection.received())).toEqual({
      status: 408,
      body: { error: 'the request took too long to arrive, send it again', exitCode: 64 },
    });
  });

  it('prevent an incomplete request from having an effect', async () => {
    const desk = memoryDesk();
    await serve(desk);
    const connection = await openRaw(place.socket, post('/v1/bans', '{"networks":["192.0.2.7"]}', 'Content-Length: 27\r\n'));
    connection.socket.destroy();
    await connection.closed;
    await callControl(place.socket).status();
    expect(desk.held.size).toBe(0);
  });

  it('close a connection above the allowed number, and log one warning', async () => {
    const { lines } = await serve(memoryDesk(), { limits: { connections: 2 } });
    const held = [await openRaw(place.socket), await openRaw(place.socket)];
    const more = await openRaw(place.socket);
    await more.closed;
    expect(lines).toEqual([`warn: ${place.socket}: more than 2 connections, closed one`]);
    for (const { socket: connection } of held) connection.destroy();
    await expect
      .poll(() =>
        callControl(place.socket)
          .status()
          .catch(() => undefined),
      )
      .toEqual(STATUS);
  });

  it('allow 1,000 clients at once', async () => {
    const desk = memoryDesk();
    await serve(desk);
    const client = callControl(place.socket);
    const asked = Array.from({ length: 1000 }, (__, number) => client.ban({ networks: [`10.0.${number >> 8}.${number & 255}`] }));
    expect(await Promise.all(asked)).toHaveLength(1000);
    expect(await client.bans()).toHaveLength(1000);
  });

  it('let the server answer after requests of random bytes', async () => {
    await serve(memoryDesk(), { limits: { headTime: 500, bodyTime: 500, grace: 50 } });
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
    await Promise.all(requests.map(async (bytes) => (await openRaw(place.socket, bytes)).closed));
    expect(await callControl(place.socket).status()).toMatchObject({ version: '0.1.0' });
  });
});
