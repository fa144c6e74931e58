// Makes a server listen at a path in the file system. The socket is never open to more users than its mode and group allow, and it never
// replaces the socket of a live server.
import { chmodSync, chownSync, linkSync, lstatSync, mkdtempSync, rmSync, unlinkSync, type Stats } from 'node:fs';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { ConfigError, ControlError, errnoOf, EXIT, ExpectedError, messageOf } from '../../errors.ts';
import { exec } from '../children/exec.ts';
import { makeFolders } from '../files/folders.ts';
import type { Logger } from '../text/log.ts';
import { isListening } from './listening.ts';

/** Where a server listens, and who may connect. */
export interface SocketPlace {
  /** Absolute path. */
  readonly socket: string;
  /** Permission bits. */
  readonly mode: number;
  /** Name or number of the group. */
  readonly group: string;
}

/** A place for a server, and the words for the messages about it. */
export interface SocketClaim extends SocketPlace {
  /** The option of the configuration that holds the path, such as `control.socket`. */
  readonly option: string;
  /**
   * Returns the words for a live server at the path: `another trapline answers on /run/t.sock (pid 7)`. Called only when there is such a
   * server.
   */
  readonly occupant: () => Promise<string>;
}

/** sun_path of unix(7) on Linux has 108 bytes, the last byte is zero; on the BSDs it has 104. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;

/**
 * A socket is made in a new folder beside its path, with a name such as `.tk3v9Qa/s`. This adds up to 9 bytes to the path. The advice about the
 * length leaves 3 more bytes free.
 */
const LONGEST_ADDITION = 12;

/** The maximum number of connections that may wait to be accepted. Linux limits them to net.core.somaxconn, 4096 unless changed. */
const BACKLOG = 4096;

/** The number of attempts to give the socket its name, while other programs make and remove a socket of that name. */
const ATTEMPTS = 3;

/**
 * Makes the server listen at the path, and makes missing folders. A socket whose server has ended is replaced. Resolves to a function that
 * removes the path, if it is still the socket of this server. Rejects with ControlError when a live server listens at the path, or when the
 * folder may not be written. Rejects with ConfigError when the path cannot be a socket. After a rejection, the server is closed.
 */
export async function claimSocket(server: Server, claim: SocketClaim, log: Pick<Logger, 'notice'>): Promise<() => void> {
  const { socket } = claim;
  if (Buffer.byteLength(socket) > LONGEST_PATH) throw tooLong(socket);
  const hidden = hiddenFolder(socket);
  try {
    // The socket is made in a folder that no other user may enter. So it has its group and mode before another user can reach it.
    const born = join(hidden, 's');
    if (Buffer.byteLength(born) > LONGEST_PATH) throw tooLong(socket);
    await listen(server, { path: born });
    await giveToGroup(born, claim, log);
    chmodSync(born, claim.mode);
    await place(born, claim);
    const own = lstatSync(socket);
    return () => {
      try {
        removeOwn(socket, own);
      } catch {
        // The folder was replaced, or may not be changed any more. The path stays, and the next start removes it.
      }
    };
  } catch (thrown) {
    server.close();
    throw thrown instanceof ExpectedError ? thrown : notMade(socket, thrown);
  } finally {
    rmSync(hidden, { recursive: true, force: true });
  }
}

/**
 * Makes the server accept connections on a listening socket that systemd passed to the program (`handedSockets` of lib/systemd.ts finds its
 * number). Path, mode and group come from the socket unit, and the path stays when the server closes. Rejects with the error of the system
 * when the descriptor is not a listening socket.
 */
export function takeOver(server: Server, descriptor: number): Promise<void> {
  return listen(server, { fd: descriptor });
}

function tooLong(socket: string): ConfigError {
  return new ConfigError(`${socket}: too long a path for a socket, choose one of at most ${LONGEST_PATH - LONGEST_ADDITION} bytes`);
}

/** True when nothing is at the path of a socket. */
export function hasVanished(socket: string): boolean {
  try {
    return lstatSync(socket, { throwIfNoEntry: false }) === undefined;
  } catch (thrown) {
    return errnoOf(thrown) === 'ENOTDIR'; // After any other error, such as EACCES, the socket may still be there.
  }
}

/** Makes an empty folder beside the socket. Only this user may enter the folder. */
function hiddenFolder(socket: string): string {
  try {
    makeFolders(dirname(socket), 0o755);
    return mkdtempSync(join(dirname(socket), '.t'));
  } catch (thrown) {
    throw notMade(socket, thrown);
  }
}

function notMade(socket: string, thrown: unknown): ControlError {
  const code = ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(thrown) ?? '') ? EXIT.permission : EXIT.unavailable;
  return new ControlError(`${socket}: cannot be made: ${messageOf(thrown)}`, code, { cause: thrown });
}

function listen(server: Server, at: { readonly path: string } | { readonly fd: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...at, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Gives the socket to its group. When this is not possible, the socket keeps the group of the daemon, so that fewer users may connect. */
async function giveToGroup(path: string, { socket, group }: SocketPlace, log: Pick<Logger, 'notice'>): Promise<void> {
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

/** The number of a group, from getent(1), which asks every source that nsswitch.conf(5) names. */
async function groupId(group: string): Promise<number | undefined> {
  if (/^\d{1,10}$/.test(group)) return Number(group);
  try {
    const { code, stdout } = await exec(['getent', 'group', '--', group], { deadline: 2000 });
    const id = /^[^:\n]*:[^:\n]*:(\d{1,10}):/.exec(stdout)?.[1];
    return code === 0 && id !== undefined ? Number(id) : undefined;
  } catch {
    return undefined; // getent is not installed: the number cannot be found.
  }
}

/** Gives the socket its name. A link, unlike a rename, never replaces a file that another program has put there in the meantime. */
async function place(born: string, claim: SocketClaim): Promise<void> {
  const { socket } = claim;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await clear(claim);
    try {
      return linkSync(born, socket);
    } catch (thrown) {
      if (errnoOf(thrown) !== 'EEXIST') throw notMade(socket, thrown);
    }
  }
  throw new ControlError(`${socket}: other programs are making this socket too, start only one daemon`);
}

/** Removes a socket whose server has ended. */
async function clear({ socket, option, occupant }: SocketClaim): Promise<void> {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) throw new ConfigError(`${socket}: is no socket, remove it or choose another "${option}"`);
  if (await listens(socket)) throw new ControlError(`${await occupant()}, stop it first`);
  removeOwn(socket, found);
}

async function listens(socket: string): Promise<boolean> {
  try {
    return await isListening(socket);
  } catch (thrown) {
    throw notMade(socket, thrown);
  }
}

function removeOwn(socket: string, own: Stats): void {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (found && found.ino === own.ino && found.dev === own.dev) unlinkSync(socket);
}
