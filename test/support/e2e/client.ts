// The client's side of SMTP in the end-to-end tests.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inside, SERVER } from './hosts.ts';

const PROGRAM = join(import.meta.dirname, 'smtp.mjs');

/** The port (default: 25), the HELO name and the addresses of a session. Without `to`, the client only checks whether the server replies. */
export interface Mail {
  readonly port?: number;
  readonly helo?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Runs one SMTP session from `address`. Resolves to `ok`, `refused CODE`, or `blocked` when the server does not reply for two seconds. */
export async function smtp(clients: string, address: string, mail: Mail = {}): Promise<string> {
  const server = address.includes(':') ? SERVER.v6 : SERVER.v4;
  const [file, ...args] = inside(clients, process.execPath, PROGRAM, server, address, JSON.stringify(mail));
  const { stdout } = await promisify(execFile)(file, args);
  return stdout.trim();
}
