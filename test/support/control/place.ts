// A control socket that is served in a new folder for each test.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { serveControl, type Limits } from '../../../src/control/serve.ts';
import { messageOf } from '../../../src/errors.ts';
import type { ControlPorts } from '../../../src/control/routes.ts';
import { keptLog, memoryDesk } from './desk.ts';

/** Options of a server. */
export interface Wishes {
  readonly mode?: number;
  readonly group?: string;
  readonly limits?: Partial<Limits>;
  /** The path of the socket. By default it is the socket of the test. */
  readonly socket?: string;
}

/** The paths of the current test. A test may choose another socket in the folder. */
export const place = { folder: '', socket: '' };

/** The servers that are closed after each test. */
export const open: { close(): Promise<void> }[] = [];

/** Makes a new folder before each test of a file. Closes the servers and removes the folder after the test. */
export function freshPlace(): void {
  beforeEach(() => {
    place.folder = mkdtempSync(join(tmpdir(), 'trapline-control-'));
    chmodSync(place.folder, 0o755); // Tests run programs of other users in this folder.
    place.socket = join(place.folder, 'control.sock');
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
    rmSync(place.folder, { recursive: true });
  });
}

/** Starts a control server on the socket of the test, with the group of the test process. `wishes` may name another socket and group. */
export async function serve(desk: ControlPorts = memoryDesk(), wishes: Wishes = {}) {
  const { lines, log } = keptLog();
  const group = String(process.getgid?.() ?? 0);
  const server = await serveControl(desk, { socket: place.socket, mode: 0o660, group, ...wishes }, log);
  open.push(server);
  return { lines, server };
}

/** Resolves to the error with which a promise rejects. */
export function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'not refused',
    (thrown: unknown) => thrown,
  );
}

/** Resolves to the message of the error with which a promise rejects, on one line. */
export async function refusalText(promise: Promise<unknown>): Promise<string> {
  return messageOf(await refusal(promise));
}
