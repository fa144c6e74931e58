// A server of lib/http on a socket in a new folder for each test.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { closeServer, makeServer, type ServerLimits } from '../../../src/lib/http/server.ts';

/** The paths of the current test. A test may choose another socket in the folder. */
export const place = { folder: '', socket: '' };

/** The servers that are closed after each test. */
export const opened: { close(): unknown }[] = [];

/** Makes a new folder before each test of a file. Closes the servers and removes the folder after the test. */
export function freshPlace(): void {
  beforeEach(() => {
    place.folder = mkdtempSync(join(tmpdir(), 'trapline-http-'));
    chmodSync(place.folder, 0o755); // Tests run programs of other users in this folder.
    place.socket = join(place.folder, 's.sock');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((server) => server.close()));
    rmSync(place.folder, { recursive: true });
  });
}

/** Limits that no test reaches unless it sets other limits. */
export const WIDE: ServerLimits = { connections: 100, silentTime: 20_000, headTime: 20_000, pageTime: 20_000, grace: 100 };

/** Starts a server at the socket of the test, which answers requests with `answer`. `lines`: the lines of its log. */
export async function served(
  answer: (request: IncomingMessage) => unknown,
  limits: Partial<ServerLimits> = {},
): Promise<{ server: Server; lines: string[] }> {
  const lines: string[] = [];
  const log = {
    warn: (text: string) => void lines.push(`warn: ${text}`),
    error: (text: string) => void lines.push(`error: ${text}`),
  };
  const all = { ...WIDE, ...limits };
  const server = makeServer({ name: 'test', limits: all, answer: async (request) => answer(request), log });
  await new Promise<void>((resolve) => {
    server.listen(place.socket, resolve);
  });
  opened.push({ close: () => closeServer(server, 0) });
  return { server, lines };
}
