// A client's side of SMTP in the end-to-end tests.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inside, SERVER } from './e2e-hosts.ts';

const PROGRAM = join(import.meta.dirname, 'e2e-smtp.mjs');

/** What a client says; without `to` it only looks whether the server lets it in. */
export interface Mail {
  readonly helo?: string;
  readonly from?: string;
  readonly to?: string;
}

/** One SMTP session from `address`, on the host of the clients: `ok`, `refused CODE`, or `blocked` when nothing answers for two seconds. */
export async function smtp(clients: string, address: string, mail: Mail = {}): Promise<string> {
  const server = address.includes(':') ? SERVER.v6 : SERVER.v4;
  const [file, ...args] = inside(clients, process.execPath, PROGRAM, server, address, JSON.stringify(mail));
  const { stdout } = await promisify(execFile)(file, args);
  return stdout.trim();
}
