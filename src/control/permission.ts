// The advice for a user who may not connect to the control socket.
import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { printable } from '../lib/text/printable.ts';

/** Advises a user who may not connect to the socket. `groups`: the text of group(5). */
export function permissionAdvice(socket: string, groups: () => string = () => readFileSync('/etc/group', 'utf8')): string {
  const group = groupOf(socket, groups);
  return group === undefined ? 'use sudo' : `be in group ${group} ("adduser ${userName()} ${group}", log in again), or use sudo`;
}

/** The name of the group that may use a socket; undefined for root's group, and when the name is not known. */
function groupOf(socket: string, groups: () => string): string | undefined {
  // The socket cannot be examined by a user who may not enter its folder. The folder has the group of the socket.
  const gid = gidOf(socket) ?? gidOf(dirname(socket));
  if (gid === undefined || gid === 0) return undefined;
  try {
    const entry = groups()
      .split('\n')
      .map((line) => line.split(':'))
      .find(([, , id]) => id === String(gid));
    return entry?.[0] === undefined ? undefined : printable(entry[0]);
  } catch {
    return undefined;
  }
}

function gidOf(path: string): number | undefined {
  try {
    return statSync(path).gid;
  } catch {
    return undefined;
  }
}

function userName(): string {
  try {
    return printable(userInfo().username);
  } catch {
    return 'USER'; // The user has no entry in passwd(5).
  }
}
