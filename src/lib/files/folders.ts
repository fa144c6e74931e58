// Makes a folder with those above it. Node's own way (mkdir with `recursive`) goes round for ever where the system says ENOENT to the maker
// of a folder although the one above is there, as in /proc.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '../../errors.ts';

/** Makes the folder, and those above it that are missing, with these permission bits. What is there stays as it is. Throws as mkdir(2). */
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
  }
}
