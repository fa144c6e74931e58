import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namesFor } from '../../src/sources/listing.ts';
import { logsOf } from '../../src/sources/follow/follow.ts';
import { temporaryFolder } from '../support/sources/reader.ts';

/** A folder with `logs` logs and one rotated file. `looks`: the number of names that were examined so far. */
function folderOf(logs: number) {
  const folder = temporaryFolder();
  for (let log = 0; log < logs; log += 1) writeFileSync(join(folder, `mail${log}.log`), '');
  writeFileSync(join(folder, 'mail7.log.1'), '');
  let looks = 0;
  const names = (log: string): readonly string[] =>
    namesFor(folder, log, (name) => {
      looks += 1;
      return logsOf(name);
    });
  return { folder, names, looks: () => looks };
}

/** Makes a folder look as if it had last changed at this time. */
const changedAt = (folder: string, at: number): void => utimesSync(folder, at / 1000, at / 1000);

describe('namesFor', () => {
  it('returns the names of the rotated files of a log', () => {
    const { names } = folderOf(20);
    expect(names('mail7.log')).toEqual(['mail7.log.1']);
    expect(names('mail8.log')).toEqual([]);
  });

  it('lists a large folder only once until the folder changes', () => {
    const { folder, names, looks } = folderOf(300);
    changedAt(folder, Date.now() - 10_000);
    expect(names('mail7.log')).toEqual(['mail7.log.1']);
    const first = looks();
    expect(names('mail7.log')).toEqual(['mail7.log.1']);
    expect(names('mail8.log')).toEqual([]);
    expect(looks()).toBe(first);
    writeFileSync(join(folder, 'mail8.log.1'), '');
    expect(names('mail8.log')).toEqual(['mail8.log.1']);
  });

  it('lists a large folder again if it had just changed, because its next change can have the same time', () => {
    const { folder, names } = folderOf(300);
    const now = Date.now() + 5;
    changedAt(folder, now);
    expect(names('mail8.log')).toEqual([]);
    writeFileSync(join(folder, 'mail8.log.1'), '');
    changedAt(folder, now);
    expect(names('mail8.log')).toEqual(['mail8.log.1']);
  });

  it('lists the folder again when another folder is at the path', () => {
    const { folder, names } = folderOf(300);
    const changed = Date.now() - 10_000;
    changedAt(folder, changed);
    names('mail7.log');
    renameSync(folder, `${folder}.old`);
    mkdirSync(folder);
    changedAt(folder, changed);
    expect(names('mail7.log')).toEqual([]);
    rmSync(`${folder}.old`, { recursive: true });
  });

  it('has no names for a folder that is missing', () => {
    expect(namesFor('/nonexistent/folder', 'mail.log', logsOf)).toEqual([]);
  });
});
