// A served control socket in a folder of its own, for each test anew.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { serveControl, type Limits } from '../../src/control/serve.ts';
import { messageOf } from '../../src/errors.ts';
import type { Controls } from '../../src/types.ts';
import { deskControls, keptLog } from './control-desk.ts';

/** What else a server can be told. */
export interface Wishes {
  readonly mode?: number;
  readonly group?: string;
  readonly limits?: Partial<Limits>;
  readonly readOnly?: boolean;
  /** Where, if not at the socket of the test. */
  readonly socket?: string;
}

/** Paths that change with each test; a test may choose another socket in the folder. */
export const place = { folder: '', socket: '' };

/** What is closed after each test. */
export const open: { close(): Promise<void> }[] = [];

/** Makes and removes folder and servers around each test of a file. */
export function freshPlace(): void {
  beforeEach(() => {
    place.folder = mkdtempSync(join(tmpdir(), 'trapline-control-'));
    chmodSync(place.folder, 0o755); // For tests with other users.
    place.socket = join(place.folder, 'control.sock');
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
    rmSync(place.folder, { recursive: true });
  });
}

/** Serves at the socket of the test, as the test's own group unless told. */
export async function serve(controls: Controls = deskControls(), wishes: Wishes = {}) {
  const { lines, log } = keptLog();
  const group = String(process.getgid?.() ?? 0);
  const server = await serveControl(controls, { socket: place.socket, mode: 0o660, group, ...wishes }, log);
  open.push(server);
  return { lines, server };
}

/** What a promise rejects with. */
export function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'not refused',
    (thrown: unknown) => thrown,
  );
}

/** The same, on one line. */
export async function refusalText(promise: Promise<unknown>): Promise<string> {
  return messageOf(await refusal(promise));
}
