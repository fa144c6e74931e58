// Sets the owner of files. Root and the daemon's own user share one ledger, so files that root makes in a folder of another user are given
// to that user.
import { lchownSync, lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LedgerError } from '../../errors.ts';

/** The suffixes of the files of a database: of the database itself, its write-ahead log, the index of that log, and the lock file. */
const SUFFIXES = ['', '-wal', '-shm', '-lock'] as const;

/** The owner of the file's folder, when this user is root and the folder belongs to another user. */
function otherOwner(path: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(dirname(path));
  return uid === 0 ? undefined : { uid, gid };
}

/** True when root would follow a symbolic link that another user may have put in place of the file. */
export function isForeignLink(path: string): boolean {
  return otherOwner(path) !== undefined && (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false);
}

/** Throws LedgerError when root would follow a symbolic link that another user may have put in place of the file. */
export function refuseLink(path: string): void {
  if (isForeignLink(path)) {
    throw new LedgerError(`${path}: a symbolic link in a folder of another user, name the file itself; it was not opened`);
  }
}

/** A chain of more symbolic links than this counts as a loop, as in the kernel (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * Returns the path of the file to which symbolic links lead; the file need not exist. This path is needed, because the engine keeps the
 * write-ahead log beside the file and not beside the link, and because two names of one file must have one lock. A link that root must not
 * follow is not resolved.
 */
export function behindLinks(path: string): string {
  let file = path;
  for (let links = 0; links < MOST_LINKS; links += 1) {
    if (!lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() || isForeignLink(file)) return file;
    file = resolve(dirname(file), readlinkSync(file));
  }
  return path;
}

/** Gives the files of a database to the owner of their folder, as far as they exist. Does nothing when this user is not root. */
export function giveToFolderOwner(path: string): void {
  const owner = otherOwner(path);
  if (!owner) return;
  for (const suffix of SUFFIXES) {
    // The file is not opened, because closing it would drop all locks of this process on it (fcntl(2)), including the locks of the engine. A
    // file with a second name keeps its owner, because the owner of the folder must not get a file from another folder.
    const stats = lstatSync(`${path}${suffix}`, { throwIfNoEntry: false });
    if (!stats?.isFile() || stats.nlink !== 1) continue;
    if (stats.uid !== owner.uid || stats.gid !== owner.gid) lchownSync(`${path}${suffix}`, owner.uid, owner.gid);
  }
}
