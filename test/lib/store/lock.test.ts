import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimWriter } from '../../../src/lib/store/lock.ts';
import { LedgerFile } from '../../support/ledger/file.ts';
import { root } from '../../support/privileges.ts';

let file: LedgerFile;
beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

const refusal = (): string => {
  try {
    claimWriter(file.path).release();
    return 'none';
  } catch (thrown) {
    return String(thrown).replaceAll(file.folder, 'FOLDER');
  }
};

describe('claimWriter', () => {
  it('refuses a second writer until the first writer has released the lock', () => {
    const claim = claimWriter(file.path);
    expect(refusal()).toBe(
      'LedgerError: FOLDER/trapline.db: another trapline writes to it, stop it or wait until it has ended ("fuser FOLDER/trapline.db-lock" shows it); nothing was changed',
    );
    claim.release();
    expect(refusal()).toBe('none');
  });

  it('creates only one empty file, which stays after the release', () => {
    const claim = claimWriter(file.path);
    expect(readdirSync(file.folder)).toEqual(['trapline.db-lock']);
    claim.release();
    expect([readdirSync(file.folder), statSync(`${file.path}-lock`).size]).toEqual([['trapline.db-lock'], 0]);
  });

  it('succeeds as soon as the process with the lock has ended, even if it was killed', async () => {
    claimWriter(file.path).release();
    const shell = spawn('sqlite3', [`${file.path}-lock`], { stdio: ['pipe', 'pipe', 'inherit'] });
    shell.stdin.write("BEGIN EXCLUSIVE; SELECT 'held';\n");
    await once(shell.stdout, 'data');
    expect(refusal()).toContain('another trapline writes to it');
    shell.kill('SIGKILL');
    await once(shell, 'close');
    expect(refusal()).toBe('none');
  });

  it('is made anew when its file was deleted, and then keeps out a second writer', () => {
    const claim = claimWriter(file.path);
    rmSync(`${file.path}-lock`);
    claim.look();
    claim.look();
    expect(refusal()).toContain('another trapline writes to it');
    claim.release();
    expect(refusal()).toBe('none');
  });

  it('is refused at the next look, at once, when another writer has made the deleted file', () => {
    const claim = claimWriter(file.path);
    rmSync(`${file.path}-lock`);
    const other = claimWriter(file.path);
    const began = performance.now();
    expect(() => claim.look()).toThrow(/another trapline writes to it/);
    expect(performance.now() - began).toBeLessThan(1000);
    other.release();
    claim.look();
    claim.release();
  });

  it.runIf(root)('is refused where its file may only be read, because any number of programs could hold it', () => {
    claimWriter(file.path).release();
    const lock = `${file.path}-lock`;
    const inside = ['--mount', '--propagation', 'private', 'sh', '-c'];
    const script = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec sqlite3 "$0" "$1"`;
    const { stderr } = spawnSync('unshare', [...inside, script, lock, 'BEGIN EXCLUSIVE; CREATE TABLE held (it)'], {
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/readonly/);
  });

  it('returns a function `takeBack` that removes the lock file only if this claim created the file', () => {
    claimWriter(file.path).takeBack();
    expect(existsSync(`${file.path}-lock`)).toBe(false);
    writeFileSync(`${file.path}-lock`, '');
    claimWriter(file.path).takeBack();
    expect(existsSync(`${file.path}-lock`)).toBe(true);
  });

  it.runIf(root)('gives the lock file to the owner of the folder when root claims the lock', () => {
    chownSync(file.folder, 12_345, 12_346);
    claimWriter(file.path).release();
    expect(statSync(`${file.path}-lock`)).toMatchObject({ uid: 12_345, gid: 12_346 });
  });
});
