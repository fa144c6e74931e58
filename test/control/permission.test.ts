import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { permissionAdvice } from '../../src/control/permission.ts';
import { root } from '../support/privileges.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-permission-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The text of /etc/group. */
const groups = (): string => 'root:x:0:\ntrapline:x:4711:anna\nmail:x:8:\n';

const unreadable = (): string => {
  throw new Error('EACCES');
};

const { username } = userInfo();
const advice = (group: string): string => `be in group ${group} ("adduser ${username} ${group}", log in again), or use sudo`;

describe('the advice for a user who may not connect', () => {
  const socket = join(folder, 'control.sock');

  it.runIf(root)('names the group of the socket, or of its folder when the socket is out of sight', () => {
    writeFileSync(socket, '');
    chownSync(socket, 0, 4711);
    chownSync(folder, 0, 8);
    expect(permissionAdvice(socket, groups)).toBe(advice('trapline'));
    expect(permissionAdvice(join(folder, 'none.sock'), groups)).toBe(advice('mail'));
    chownSync(socket, 0, 4712);
    expect(permissionAdvice(socket, groups)).toBe('use sudo');
    chownSync(socket, 0, 0);
    expect(permissionAdvice(socket, groups)).toBe('use sudo');
  });

  it('is to use sudo when the groups cannot be read', () => {
    expect(permissionAdvice(socket, unreadable)).toBe('use sudo');
    expect(permissionAdvice('/nowhere/at/all/control.sock', groups)).toBe('use sudo');
  });
});
