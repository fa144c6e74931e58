import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  bornAt,
  byTime,
  closeAll,
  endedAt,
  isCopyOf,
  isRotated,
  openFile,
  openRotated,
  refreshed,
  resolveLink,
  rotatedPaths,
  statOf,
  type Opened,
} from '../../../src/sources/follow/rotation.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

const opened = (path: string, modified: bigint, born = 0n): Opened => ({
  path,
  fd: -1,
  identity: { dev: '', ino: '', birth: '' },
  key: path,
  size: 1,
  modified,
  born,
});

/** A log, and a rotated file that was created after it. */
const pair = (copyText: string, logText: string): { copy: Opened; log: Opened } => {
  const folder = temporaryFolder();
  const open = (name: string, text: string, born: bigint): Opened => {
    writeFileSync(join(folder, name), text);
    const file = openFile(join(folder, name));
    onTestFinished(() => closeAll(file ? [file] : []));
    return { ...(file ?? opened(name, 0n)), born };
  };
  return { copy: open('mail.log.1', copyText, 2n), log: open('mail.log', logText, 1n) };
};

describe('isRotated', () => {
  it.each([
    'mail.log.1',
    'mail.log.0',
    'mail.log.12',
    'mail.log.2.gz',
    'mail.log.gz',
    'mail.log-20261125',
    'mail.log-20261125.xz',
    'mail.log-20261125-1764028800',
    'mail.log-2026-11-25',
    'mail.log.2026-11-25T00:00:00',
    'mail.log.old',
    'mail-20261125.log',
    'mail.1.log',
  ])('is true for %s beside mail.log', (name) => {
    expect(isRotated(name, '/var/log/mail.log')).toBe(true);
  });

  it.each([
    'mail.log',
    'mail.log.bak',
    'mail.log.swp',
    'mail.log~',
    'mail.err',
    'mail.log2',
    'mail-out.log',
    'daemon.log.1',
    'mail.log.d',
  ])('is false for %s beside mail.log', (name) => {
    expect(isRotated(name, '/var/log/mail.log')).toBe(false);
  });

  it('recognises the rotated files of a log without an extension', () => {
    expect(isRotated('maillog.1', '/var/log/maillog')).toBe(true);
    expect(isRotated('maillog-20261125', '/var/log/maillog')).toBe(true);
  });
});

describe('openFile', () => {
  it('returns undefined for a missing file', () => {
    expect(openFile(join(temporaryFolder(), 'none'))).toBeUndefined();
  });

  it('returns the size of a file at its opening, which `refreshed` updates', () => {
    const path = join(temporaryFolder(), 'mail.log');
    writeFileSync(path, 'one');
    const file = openFile(path);
    writeFileSync(path, 'three');
    const now = file && refreshed(file);
    expect([file?.size, now?.size]).toEqual([3, 5]);
    expect(now).toMatchObject({ path, fd: file?.fd, key: file?.key });
    closeAll(file ? [file] : []);
  });
});

describe('endedAt', () => {
  it('is now when the file ends at the offset, and else the known instant, or its birth if the file system records it', () => {
    const { log } = pair('', 'one\n');
    expect(endedAt({ ...log, born: 5_999_999n }, 4, 9)).toBe(9);
    expect(endedAt({ ...log, born: 5_999_999n }, 0, 9)).toBe(5);
    expect(endedAt({ ...log, born: 5_999_999n }, 0, 9, 7)).toBe(7);
    expect(endedAt({ ...log, born: 0n }, 0, 9)).toBeUndefined();
    expect([bornAt({ ...log, born: 5_999_999n }), bornAt({ ...log, born: 0n })]).toEqual([5, undefined]);
  });
});

describe('statOf', () => {
  it('returns undefined for a dangling or circular link', () => {
    const folder = temporaryFolder();
    symlinkSync('circle', join(folder, 'circle'));
    expect([statOf(join(folder, 'none')), statOf(join(folder, 'circle'))]).toEqual([undefined, undefined]);
    expect(statOf(folder)?.isDirectory()).toBe(true);
  });
});

describe('resolveLink', () => {
  it('follows links in a path, even if the file is missing', () => {
    const folder = realpathSync(temporaryFolder());
    mkdirSync(join(folder, 'real'));
    writeFileSync(join(folder, 'real', 'mail.log'), '');
    symlinkSync('real', join(folder, 'link'));
    expect(resolveLink(join(folder, 'link', 'mail.log'))).toBe(join(folder, 'real', 'mail.log'));
    expect(resolveLink(join(folder, 'link', 'later.log'))).toBe(join(folder, 'real', 'later.log'));
    expect(resolveLink(join(folder, 'none', 'later.log'))).toBe(join(folder, 'none', 'later.log'));
  });

  it('returns the target of a dangling link', () => {
    const folder = realpathSync(temporaryFolder());
    symlinkSync('logs/mail.log', join(folder, 'mail.log'));
    expect(resolveLink(join(folder, 'mail.log'))).toBe(join(folder, 'logs', 'mail.log'));
  });
});

describe('isCopyOf', () => {
  it('is true for a later file that equals the log up to the length of the shorter file', () => {
    for (const [copyText, logText] of [
      ['one\n', 'one\ntwo\n'],
      ['one\ntwo\n', 'one\n'],
      ['one\n', 'one\n'],
    ] as const) {
      const { copy, log } = pair(copyText, logText);
      expect(isCopyOf(copy, log)).toBe(true);
    }
  });

  it('is false for a file that was created before the log, or in the same clock tick', () => {
    const { copy, log } = pair('one\n', 'one\ntwo\n');
    expect(isCopyOf({ ...copy, born: 0n }, log)).toBe(false);
    expect(isCopyOf({ ...copy, born: 1n }, log)).toBe(false);
  });

  it('is false for a file with another beginning, and for an empty file', () => {
    for (const text of ['two\n', '']) {
      const { copy, log } = pair(text, 'one\n');
      expect(isCopyOf(copy, log)).toBe(false);
    }
  });

  it('compares only the first 1024 bytes', () => {
    const head = 'x'.repeat(1023);
    const far = pair(`${head}xa`, `${head}xb`);
    expect(isCopyOf(far.copy, far.log)).toBe(true);
    const near = pair(`${head}a`, `${head}b`);
    expect(isCopyOf(near.copy, near.log)).toBe(false);
  });
});

describe('the files beside a log', () => {
  it('are listed without files of other kinds, and opened without skipped files', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'mail.log');
    for (const name of ['', '.1', '.2', '.3.gz', '.bak']) writeFileSync(path + name, name);
    mkdirSync(`${path}.4`);
    expect(rotatedPaths(path).toSorted()).toEqual([`${path}.1`, `${path}.2`, `${path}.4`]);
    expect(rotatedPaths(path, true)).toEqual([`${path}.3.gz`]);
    const [first] = openRotated(path, () => false);
    const rest = openRotated(path, (key) => key === first?.key);
    expect(rest.map((other) => other.path)).toEqual([first?.path === `${path}.1` ? `${path}.2` : `${path}.1`]);
    closeAll([...(first ? [first] : []), ...rest]);
  });
});

describe('byTime', () => {
  it.each([
    ['the time of their last change', [opened('b', 2n), opened('a', 1n)], 'a b'],
    ['the time of their last change before the time of their birth', [opened('b', 2n, 1n), opened('a', 1n, 2n)], 'a b'],
    ['the time of their birth', [opened('b', 1n, 2n), opened('a', 1n, 1n)], 'a b'],
    ['the time of their birth before their number', [opened('x.1', 1n, 1n), opened('x.2', 1n, 2n)], 'x.1 x.2'],
    ['their number', [opened('x.1', 1n), opened('x.10', 1n), opened('x.2', 1n)], 'x.10 x.2 x.1'],
    ['their date', [opened('x-20261125', 1n), opened('x-20261124', 1n)], 'x-20261124 x-20261125'],
  ])('orders files by %s', (_, files, expected) => {
    expect(
      files
        .toSorted(byTime)
        .map(({ path }) => path)
        .join(' '),
    ).toBe(expected);
  });
});
