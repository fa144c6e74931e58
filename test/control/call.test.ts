import { existsSync, linkSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { callControl, isRunning } from '../../src/control/call.ts';
import { ConfigError, ControlError, LedgerError, UsageError } from '../../src/errors.ts';
import { deskControls, STATUS } from '../support/control-desk.ts';
import { freshPlace, open, place, refusal, serve } from '../support/control-place.ts';

freshPlace();

describe('callControl', () => {
  it('carries every request to the daemon and its answer back', async () => {
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

  it('takes 10,000 networks in one request', async () => {
    await serve();
    const networks = Array.from({ length: 10_000 }, (_, number) => `10.0.${number >> 8}.${number & 255}`);
    expect(await callControl(place.socket).ban({ networks })).toHaveLength(10_000);
  });

  it.each([
    ['UsageError', new UsageError('no such thing'), UsageError, 64],
    ['ConfigError', new ConfigError('f:1:1: unknown key'), ConfigError, 78],
    ['ControlError', new LedgerError('disk full'), ControlError, 69],
  ])('rejects with a %s when the daemon says so', async (_, thrown, kind, exitCode) => {
    await serve(deskControls({ reload: () => Promise.reject(thrown) }));
    const refused = await refusal(callControl(place.socket).reload());
    expect(refused).toBeInstanceOf(kind);
    expect(refused).toMatchObject({ message: thrown.message, exitCode });
  });

  it.each([
    ['nobody is there', async () => {}, /no trapline is running there$/],
    ['nobody answers in time', () => serve(deskControls({ reload: () => new Promise(() => {}) })), /no answer within 0\.2 s$/],
    [
      'the daemon ends before it answers',
      async () => {
        const { server } = await serve(deskControls({ reload: () => new Promise(() => void server.close()) }), {
          limits: { grace: 20 },
        });
      },
      /the daemon ended before it answered, try again$/,
    ],
    [
      'somebody else answers',
      () =>
        new Promise<void>((resolve) => {
          const other = createServer((_, response) => void response.end('<html>'));
          open.push({ close: async () => void other.close() });
          other.listen(place.socket, resolve);
        }),
      /no answer that makes sense/,
    ],
  ])('says so when %s', async (_, setUp, words) => {
    await setUp();
    const refused = await refusal(callControl(place.socket, { time: 200 }).reload());
    expect(refused).toBeInstanceOf(ControlError);
    expect(refused).toMatchObject({ message: expect.stringMatching(words), exitCode: 69 });
  });

  it('loads no package, so that commands start fast', () => {
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

  it('is false at a socket that was left behind', async () => {
    const { server } = await serve();
    linkSync(place.socket, join(place.folder, 'stale'));
    await server.close();
    expect(existsSync(join(place.folder, 'stale'))).toBe(true);
    expect(await isRunning(join(place.folder, 'stale'))).toBe(false);
  });
});
