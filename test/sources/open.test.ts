import { closeSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { faultOfLog, openRegularFile, unreadable } from '../../src/sources/open.ts';
import { temporaryFolder } from '../support/sources/reader.ts';

describe('openRegularFile', () => {
  it('opens a file, also through a link', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'mail.log'), '');
    symlinkSync('mail.log', join(folder, 'link'));
    const fd = openRegularFile(join(folder, 'link')) ?? -1;
    expect(fd).toBeGreaterThan(0);
    closeSync(fd);
  });

  it('returns undefined for a missing file or folder', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const path of ['none', 'none/none', 'file/none']) expect(openRegularFile(join(folder, path))).toBeUndefined();
  });

  it('refuses a directory, a device and a named pipe, and does not wait for a writer of the pipe', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'directory'));
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    expect(() => openRegularFile(join(folder, 'directory'))).toThrow(expect.objectContaining({ code: 'EISDIR' }));
    expect(() => openRegularFile(join(folder, 'pipe'))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(() => openRegularFile('/dev/zero')).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  it('refuses a file of the kernel, also through a link', () => {
    const folder = temporaryFolder();
    symlinkSync('/proc/self/status', join(folder, 'mail.log'));
    expect(() => openRegularFile(join(folder, 'mail.log'))).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
    expect(() => openRegularFile('/proc/self/status')).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
  });

  it('opens an empty file', () => {
    const path = join(temporaryFolder(), 'mail.log');
    writeFileSync(path, '');
    const fd = openRegularFile(path) ?? -1;
    expect(fd).toBeGreaterThan(0);
    closeSync(fd);
  });
});

describe('faultOfLog', () => {
  it('returns an error for a path that can never be a log', () => {
    const kernel = '/proc/kmsg: is a file of the kernel and no log, name the file that syslog or Postfix writes';
    expect(faultOfLog('/proc/kmsg')?.message).toBe(kernel);
    expect(faultOfLog('/dev/zero')?.message).toBe('/dev/zero: is not a regular file');
    const folder = temporaryFolder();
    expect(faultOfLog(folder)?.message).toBe(`${folder}: is a directory, name the files in it (${folder}/*)`);
  });

  it('returns undefined for a log, and for a log that is missing', () => {
    const path = join(temporaryFolder(), 'mail.log');
    expect(faultOfLog(path)).toBeUndefined();
    writeFileSync(path, '');
    expect(faultOfLog(path)).toBeUndefined();
  });
});

describe('unreadable', () => {
  it.each([
    ['EACCES', '/var/log/mail.log: permission denied, read it as root or as a member of its group (adm on Debian)'],
    ['EISDIR', '/var/log/mail.log: is a directory, name the files in it (/var/log/mail.log/*)'],
    ['EINVAL', '/var/log/mail.log: is not a regular file'],
    ['ENOTSUP', '/var/log/mail.log: is a file of the kernel and no log, name the file that syslog or Postfix writes'],
    ['EIO', '/var/log/mail.log: cannot be read: i/o error'],
  ])('returns an error for %s with advice, and with the error of the system as its cause', (code, message) => {
    const cause = Object.assign(new Error('i/o error'), { code });
    expect(unreadable('/var/log/mail.log', cause)).toMatchObject({ name: 'SourceError', message, cause });
  });

  it('escapes control characters in the path', () => {
    expect(unreadable('a\nb', Object.assign(new Error(), { code: 'EINVAL' })).message).toBe('a\\u{a}b: is not a regular file');
  });
});
