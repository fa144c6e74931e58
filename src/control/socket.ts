// Puts a server on its path in the file system: never open to more people than it should be, never in place of one that is alive.
import { chmodSync, chownSync, linkSync, lstatSync, mkdtempSync, rmSync, unlinkSync, type Stats } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { ConfigError, ControlError, errnoOf, EXIT, messageOf } from '../errors.ts';
import { exec } from '../lib/exec.ts';
import { makeFolders } from '../lib/files/folders.ts';
import type { Log } from '../types.ts';
import { callControl, isRunning } from './call.ts';

/** Where a server listens and who may connect. */
export interface SocketOptions {
  /** Absolute path. */
  readonly socket: string;
  /** Permission bits. */
  readonly mode: number;
  /** Name or number of the group. */
  readonly group: string;
}

/** sun_path of unix(7) on Linux has 108 bytes, the last one a zero; the BSDs have 104. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;

/** Connections that may wait to be let in; Linux takes at most net.core.somaxconn of them, 4096 unless changed. */
const BACKLOG = 4096;

/** How long a daemon that answers has to say its process id (milliseconds). */
const ANSWER_TIME = 2000;

/**
 * Makes the server listen at the path, its folder included when it is missing; a socket that nobody answers at is replaced. Resolves to
 * the undo, which removes the path if it is still this server's. Rejects with ControlError when another daemon answers there or the folder
 * is closed to us, with ConfigError when the path cannot be a socket.
 */
export async function claimSocket(server: Server, options: SocketOptions, log: Log): Promise<() => void> {
  const { socket } = options;
  if (Buffer.byteLength(socket) > LONGEST_PATH) throw tooLong(socket);
  const hidden = withReason(socket, () => hiddenFolder(dirname(socket)));
  try {
    // Born in a folder that nobody else may enter, it gets group and mode before it can be found.
    const born = join(hidden, 's');
    if (Buffer.byteLength(born) > LONGEST_PATH) throw tooLong(socket);
    await listen(server, born);
    await giveToGroup(born, options, log);
    chmodSync(born, options.mode);
    await place(born, socket);
    const own = lstatSync(socket);
    return () => removeOwn(socket, own);
  } catch (thrown) {
    server.close();
    throw thrown;
  } finally {
    rmSync(hidden, { recursive: true, force: true });
  }
}

function tooLong(socket: string): ConfigError {
  return new ConfigError(`${socket}: too long a path for a socket, choose one of at most ${LONGEST_PATH - 12} bytes`);
}

function hiddenFolder(folder: string): string {
  makeFolders(folder, 0o755);
  return mkdtempSync(join(folder, '.t'));
}

function withReason<T>(socket: string, step: () => T): T {
  try {
    return step();
  } catch (thrown) {
    const code = ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(thrown) ?? '') ? EXIT.permission : EXIT.unavailable;
    throw new ControlError(`${socket}: cannot be made: ${messageOf(thrown)}`, code, { cause: thrown });
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function giveToGroup(path: string, { socket, group }: SocketOptions, log: Log): Promise<void> {
  const keeps = `${socket}: keeps the group of the daemon`;
  const id = await groupId(group);
  if (id === undefined) return log.notice(`${keeps}, there is no group "${group}"`);
  if (lstatSync(path).gid === id) return;
  try {
    chownSync(path, -1, id);
  } catch (thrown) {
    log.notice(`${keeps}, it may not be given to "${group}": ${messageOf(thrown)}`);
  }
}

/** The number of a group, by getent(1), which asks what nsswitch.conf(5) says. */
async function groupId(group: string): Promise<number | undefined> {
  if (/^\d{1,10}$/.test(group)) return Number(group);
  try {
    const { code, stdout } = await exec(['getent', 'group', '--', group], { deadline: 2000 });
    const id = /^[^:\n]*:[^:\n]*:(\d{1,10}):/.exec(stdout)?.[1];
    return code === 0 && id !== undefined ? Number(id) : undefined;
  } catch {
    return undefined; // No getent here: the group cannot be known.
  }
}

/** Gives the socket its name. A link, unlike a rename, never replaces what somebody else has put there in the meantime. */
async function place(born: string, socket: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await clear(socket);
    try {
      return linkSync(born, socket);
    } catch (thrown) {
      if (errnoOf(thrown) !== 'EEXIST')
        throw new ControlError(`${socket}: cannot be made: ${messageOf(thrown)}`, EXIT.unavailable, { cause: thrown });
    }
  }
  throw new ControlError(`${socket}: others make it at the same time, start one daemon only`);
}

/** Removes a socket that nobody answers at. */
async function clear(socket: string): Promise<void> {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket())
    throw new ConfigError(`${socket}: is there and is no socket, take it away or choose another "control.socket"`);
  if (await isRunning(socket)) throw new ControlError(`another trapline answers on ${socket}${await pidOf(socket)}, stop it first`);
  removeOwn(socket, found);
}

async function pidOf(socket: string): Promise<string> {
  try {
    return ` (pid ${(await callControl(socket, { time: ANSWER_TIME }).status()).pid})`;
  } catch {
    return ''; // It listens, that is enough.
  }
}

function removeOwn(socket: string, own: Stats): void {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (found && found.ino === own.ino && found.dev === own.dev) unlinkSync(socket);
}
