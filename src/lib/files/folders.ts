// Makes a folder and the missing folders above it. Node's own mkdir with `recursive` never ends when the system answers ENOENT although the
// folder above exists, as in /proc.
import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '../../errors.ts';

/**
 * Makes the folder and the missing folders above it, with these permission bits, whatever the umask is. An existing folder is not changed.
 * Throws the errors of mkdir(2).
 */
export function makeFolders(path: string, mode: number): void {
  try {
    makeOne(path, mode);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT' || dirname(path) === path) throw thrown;
    makeFolders(dirname(path), mode);
    makeOne(path, mode);
  }
}

function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST' || !statSync(path).isDirectory()) throw thrown;
    return;
  }
  giveMode(path, mode);
}

/**
 * Sets the bits that the umask cleared. Opens the folder with O_NOFOLLOW, because the owner of the folder above may have replaced the new
 * folder by a symbolic link.
 */
function giveMode(path: string, mode: number): void {
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const has = fstatSync(folder).mode & 0o7777;
    const wanted = has | mode; // The setgid bit comes from the folder above, and stays.
    if (has !== wanted) fchmodSync(folder, wanted);
  } finally {
    closeSync(folder);
  }
}
