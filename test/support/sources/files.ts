// Makes a log of numbered lines in its own folder, and changes it as logrotate(8) and writers do.
import { copyFileSync, renameSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lines with the numbers from `from` to `to`, in the format of Postfix. */
export function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `Nov 25 00:03:16 mx postfix/smtpd[1]: line ${from + index}`);
}

/** The text of lines with these numbers. */
export function textOf(from: number, to: number): string {
  return numbered(from, to)
    .map((line) => `${line}\n`)
    .join('');
}

/** Waits some milliseconds, until a new file has a later birth time and change time than all files of the folder. */
export function nextTick(folder: string): void {
  const path = join(folder, 'tick');
  const birth = (): bigint => {
    writeFileSync(path, '');
    const { birthtimeNs } = statSync(path, { bigint: true });
    unlinkSync(path);
    return birthtimeNs;
  };
  const first = birth();
  if (first === 0n) throw new Error(`${folder}: this file system records no birth times`);
  while (birth() === first);
}

/** Renames a log, and creates a new log with `text`. */
export function rotate(path: string, rotated: string, text: string): void {
  renameSync(path, rotated);
  writeFileSync(path, text);
}

/** Copies a log, and truncates the log. */
export function copyTruncate(path: string, copy: string): void {
  copyFileSync(path, copy);
  truncateSync(path);
}
