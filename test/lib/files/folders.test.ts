import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeFolders } from '../../../src/lib/files/folders.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-folders-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('makeFolders', () => {
  it('creates a folder with all missing parents', () => {
    makeFolders(join(folder, 'a', 'b', 'c'), 0o750);
    for (const path of ['a', 'a/b', 'a/b/c']) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o750);
  });

  it.each([0o000, 0o022, 0o077])('gives each new folder the requested mode under any umask', (mask) => {
    const before = process.umask(mask);
    onTestFinished(() => void process.umask(before));
    const path = join(folder, `umask${mask}`);
    makeFolders(join(path, 'below'), 0o755);
    for (const made of [path, join(path, 'below')]) expect(statSync(made).mode & 0o7777).toBe(0o755);
  });

  it('gives a new folder the set-group-ID bit of its parent, which decides the group of later files', () => {
    const shared = join(folder, 'shared');
    makeFolders(shared, 0o700);
    chmodSync(shared, 0o2700);
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    makeFolders(join(shared, 'below'), 0o750);
    expect(statSync(join(shared, 'below')).mode & 0o7777).toBe(0o2750);
  });

  it('leaves existing folders and links to folders unchanged', () => {
    makeFolders(join(folder, 'there'), 0o700);
    symlinkSync('there', join(folder, 'link'));
    makeFolders(join(folder, 'link'), 0o755);
    makeFolders(join(folder, 'link', 'below'), 0o755);
    expect(statSync(join(folder, 'there')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'there', 'below')).isDirectory()).toBe(true);
  });

  it.each([
    ['below a file', 'file/x', 'ENOTDIR'],
    ['at the path of a file', 'file', 'EEXIST'],
    ['at the target of a dangling link', 'nowhere', 'ENOENT'],
  ])('throws the error of the system when the new folder would be %s', (_, path, code) => {
    writeFileSync(join(folder, 'file'), '');
    rmSync(join(folder, 'nowhere'), { force: true });
    symlinkSync('missing/x', join(folder, 'nowhere'));
    expect(() => makeFolders(join(folder, path), 0o755)).toThrow(code);
  });

  it('throws, and does not loop, when no folder can be created', () => {
    expect(() => makeFolders('/proc/x/y', 0o755)).toThrow(/ENOENT|EACCES|EPERM/);
  });
});
