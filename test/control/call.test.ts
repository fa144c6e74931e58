import { existsSync, linkSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { callControl, isRunning } from '../../src/control/call.ts';
import { ConfigError, ControlError, LedgerError, UsageError } from '../../src/errors.ts';
import { memoryDesk, STATUS } from '../support/control/desk.ts';
import { freshPlace, open, place, refusal, serve } from '../support/control/place.ts';

freshPlace();

/** Another program answers each request with this status and JSON. */
const answering = (status: number, text: string): Promise<void> =>
  new Promise((resolve) => {
    const other = createServer((_, response) => void response.writeHead(status).end(text));
    open.push({ close: async () => void other.close() });
    other.listen(place.socket, resolve);
  });

describe('callControl', () => {
  it('sends every request to the daemon and returns its answer', async () => {
    await serve();
    const client = callControl(place.socket);
    expect(await client.status()).toEqual(STATUS);
    expect(
      await client.ban({ networks: ['192.0.2.7', '2001:db8::/64'], duration: null, reason: 'as "told"', force: true }),
    ).toMatchObject([{ network: '192.0.2.7', reason: 'as "told"' }, { network: '2001:db8::/64' }]);
    expect(await client.bans()).toHaveLength(2);
    expect(await client.bans('2001:db8::/64')).toMatchObject([{ network: '2001:db8::/64' }]);
    expect(await client.unban({ networks: ['192.0.2.7'] })).toMatchObject([{ network: '192.0.2.7' }]);
    expect(await client.unban({ networks: [], all: true })).toMatchObject([{ network: '2001:db8::/64' }]);
    expect(await client.reload()).toBeUndefined();
  });

  it('A4: sends who asks in a header, so that an older daemon accepts the request', async () => {
    const asked: unknown[] = [];
    const keep = async (request: unknown): Promise<[]> => {
      asked.push(request);
      return [];
    };
    await serve(memoryDesk({ ban: keep, unban: keep }));
    const client = callControl(place.socket);
    await client.ban({ networks: ['192.0.2.7'], by: 'Jörg\n\ud800 (uid 1000)' });
    await client.unban({ networks: ['192.0.2.7'], forgive: true, by: 'anna' });
    await client.unban({ networks: ['192.0.2.7'] });
    expect(asked).toEqual([
      { networks: ['192.0.2.7'], by: 'Jörg\n\ufffd (uid 1000)' },
      { networks: ['192.0.2.7'], forgive: true, by: 'anna' },
      { networks: ['192.0.2.7'] },
    ]);
  });

  it('sends 10,000 networks in one request', async () => {
    await serve();
    const networks = Array.from({ length: 10_000 }, (_, number) => `10.0.${number >> 8}.${number & 255}`);
    expect(await callControl(place.socket).ban({ networks })).toHaveLength(10_000);
  });

  it.each([
    ['UsageError', new UsageError('no such thing'), UsageError, 64],
    ['ConfigError', new ConfigError('f:1:1: unknown key'), ConfigError, 78],
    ['ControlError', new LedgerError('disk full'), ControlError, 69],
  ])('rejects with the %s that the daemon reports', async (_, thrown, kind, exitCode) => {
    await serve(memoryDesk({ reload: () => Promise.reject(thrown) }));
    const refused = await refusal(callControl(place.socket).reload());
    expect(refused).toBeInstanceOf(kind);
    expect(refused).toMatchObject({ message: thrown.message, exitCode });
  });

  it.each([
    ['no daemon runs', async () => {}, /no daemon answers on this socket$/],
    ['no answer comes in time', () => serve(memoryDesk({ reload: () => new Promise(() => {}) })), /no answer within 0\.2 s$/],
    [
      'the daemon ends before it answers',
      async () => {
        const { server } = await serve(memoryDesk({ reload: () => new Promise(() => void server.close()) }), {
          limits: { grace: 20 },
        });
      },
      /the daemon ended before it answered, try again$/,
    ],
    [
      'another program answers',
      () =>
        new Promise<void>((resolve) => {
          const other = createServer((_, response) => void response.end('<html>'));
          open.push({ close: async () => void other.close() });
          other.listen(place.socket, resolve);
        }),
      /the answer is not that of a trapline daemon/,
    ],
  ])('rejects with the reason when %s', async (_, setUp, words) => {
    await setUp();
    const refused = await refusal(callControl(place.socket, { time: 200 }).reload());
    expect(refused).toBeInstanceOf(ControlError);
    expect(refused).toMatchObject({ message: expect.stringMatching(words), exitCode: 69 });
  });

  it.each([
    'null',
    '[]',
    '{}',
    '{"bans":null}',
    '{"bans":[null]}',
    '{"bans":[{"network":7}]}',
    '{"sources":[],"jails":[],"actions":[]}',
    JSON.stringify({ ...STATUS, jails: [{ rules: 7 }] }),
    JSON.stringify({ ...STATUS, since: 'never' }),
  ])('rejects with one line when another program answers %s', async (text) => {
    await answering(200, text);
    const client = callControl(place.socket);
    const requests = [
      client.status(),
      client.bans(),
      client.ban({ networks: [] }),
      client.unban({ networks: [] }),
      client.reload(),
    ];
    for (const request of requests) {
      const refused = await refusal(request);
      expect(refused).toBeInstanceOf(ControlError);
      expect(refused).toMatchObject({
        message: `${place.socket}: the answer is not that of a trapline daemon: its JSON has another form`,
        exitCode: 69,
      });
    }
  });

  it.each([
    ['{"error":"no","exitCode":0}', 'no'],
    ['{"error":"no","exitCode":"64"}', 'no'],
    ['{"error":"no","exitCode":300}', 'no'],
    ['{"error":{},"exitCode":69}', 'the request was answered with 503'],
    ['{"error":""}', 'the request was answered with 503'],
    ['null', 'the request was answered with 503'],
  ])('rejects with an exit code of its own when another program refuses with %s', async (text, words) => {
    await answering(503, text);
    expect(await refusal(callControl(place.socket).reload())).toMatchObject({ message: words, exitCode: 69 });
  });

  it('rejects with one line when another program switches to another protocol', async () => {
    const other = createServer();
    other.on('connection', (socket) => void socket.end('HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'));
    open.push({ close: async () => void other.close() });
    await new Promise<void>((resolve) => void other.listen(place.socket, resolve));
    const words = `${place.socket}: the answer is not that of a trapline daemon: it switches to another protocol`;
    expect(await refusal(callControl(place.socket).reload())).toMatchObject({ message: words, exitCode: 69 });
  });

  it('loads no package, so that commands start quickly', () => {
    const seen = new Set<string>();
    const packages: string[] = [];
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]*? from '([^']+)'/gm)) {
        if (from.startsWith('.')) visit(join(dirname(file), from));
        else if (!from.startsWith('node:')) packages.push(from);
      }
    };
    visit(fileURLToPath(new URL('../../src/control/call.ts', import.meta.url)));
    expect(packages).toEqual([]);
    expect(seen.size).toBeGreaterThan(2);
  });
});

describe('isRunning', () => {
  it('is true while a daemon listens, and false before and after', async () => {
    expect(await isRunning(place.socket)).toBe(false);
    const { server } = await serve();
    expect(await isRunning(place.socket)).toBe(true);
    await server.close();
    expect(await isRunning(place.socket)).toBe(false);
  });

  it('is false for a socket file that a dead server has left', async () => {
    const { server } = await serve();
    linkSync(place.socket, join(place.folder, 'stale'));
    await server.close();
    expect(existsSync(join(place.folder, 'stale'))).toBe(true);
    expect(await isRunning(join(place.folder, 'stale'))).toBe(false);
  });
});
