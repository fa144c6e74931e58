import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolders } from '../../../src/lib/files/folders.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-folders-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('makeFolders', () => {
  it('makes a folder with all that are missing above it', () => {
    makeFolders(join(folder, 'a', 'b', 'c'), 0o750);
    for (const path of ['a', 'a/b', 'a/b/c']) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o750);
  });

  it('leaves what is there as it is, links to folders too', () => {
    makeFolders(join(folder, 'there'), 0o700);
    symlinkSync('there', join(folder, 'link'));
    makeFolders(join(folder, 'link'), 0o755);
    makeFolders(join(folder, 'link', 'below'), 0o755);
    expect(statSync(join(folder, 'there')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'there', 'below')).isDirectory()).toBe(true);
  });

  it.each([
    ['below a file', 'file/x', 'ENOTDIR'],
    ['in the place of a file', 'file', 'EEXIST'],
    ['at the end of a link to nowhere', 'nowhere', 'ENOENT'],
  ])('throws what the system says %s', (_, path, code) => {
    writeFileSync(join(folder, 'file'), '');
    rmSync(join(folder, 'nowhere'), { force: true });
    symlinkSync('missing/x', join(folder, 'nowhere'));
    expect(() => makeFolders(join(folder, path), 0o755)).toThrow(code);
  });

  it('comes to an end where no folder can be made', () => {
    expect(() => makeFolders('/proc/x/y', 0o755)).toThrow(/ENOENT|EACCES|EPERM/);
  });
});
