// Root and the daemon's own user share one ledger: whatever root makes in a folder of another user belongs to that user.
import { lchownSync, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LedgerError } from '../../errors.ts';

/** The files of a database: itself, its write-ahead log, and the index of that log. */
const SUFFIXES = ['', '-wal', '-shm'] as const;

/** The owner of the file's folder, when root is asking and the folder is not root's. */
function otherOwner(path: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(dirname(path));
  return uid === 0 ? undefined : { uid, gid };
}

/** Throws LedgerError when root would follow a symbolic link that another user may have put there. */
export function refuseLink(path: string): void {
  if (!otherOwner(path)) return;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new LedgerError(`${path}: a symbolic link in a folder of another user, name the file itself; it was not opened`);
  }
}

/** Gives the files of a database to the owner of their folder, as far as they are there. Does nothing unless run as root. */
export function giveToFolderOwner(path: string): void {
  const owner = otherOwner(path);
  if (!owner) return;
  for (const suffix of SUFFIXES) {
    // By name and never opened: closing a file gives up this program's locks on it (fcntl(2)), those of the engine included. Not a file
    // with a second name: the folder's owner must not be given one from elsewhere.
    const stats = lstatSync(`${path}${suffix}`, { throwIfNoEntry: false });
    if (!stats?.isFile() || stats.nlink !== 1) continue;
    if (stats.uid !== owner.uid || stats.gid !== owner.gid) lchownSync(`${path}${suffix}`, owner.uid, owner.gid);
  }
}
