import { chmodSync, linkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errnoOf } from '../../../src/errors.ts';
import { isListening } from '../../../src/lib/http/listening.ts';
import { freshPlace, opened, place } from '../../support/http/served.ts';
import { root } from '../../support/privileges.ts';

freshPlace();

const listen = async (path: string): Promise<Server> => {
  const server = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  opened.push(server);
  return server;
};

describe('isListening', () => {
  it('is true while a server listens', async () => {
    await listen(place.socket);
    expect(await isListening(place.socket)).toBe(true);
  });

  it('is false for a path where no file exists', async () => {
    expect(await isListening(place.socket)).toBe(false);
    expect(await isListening(join(place.socket, 'below'))).toBe(false);
  });

  it('is false for a file, and for a path below a file', async () => {
    const file = join(place.folder, 'file');
    writeFileSync(file, '');
    expect(await isListening(join(file, 's.sock'))).toBe(false);
    expect(await isListening(file)).toBe(false);
  });

  it('is false for a socket file that a dead server left', async () => {
    const server = await listen(place.socket);
    const left = join(place.folder, 'left');
    linkSync(place.socket, left);
    await new Promise((resolve) => server.close(resolve));
    expect(await isListening(left)).toBe(false);
  });

  it.runIf(root)('rejects with EACCES when this user may not connect', async () => {
    await listen(place.socket);
    chmodSync(place.socket, 0o600);
    process.seteuid?.(65_534);
    const asked = isListening(place.socket).catch(errnoOf);
    process.seteuid?.(0);
    expect(await asked).toBe('EACCES');
  });
});
