import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  byTime,
  closeAll,
  isRotated,
  openFile,
  openRotated,
  rotatedPaths,
  type Opened,
} from '../../../src/sources/follow/rotation.ts';
import { temporaryFolder } from '../../support/sources-reader.ts';

const opened = (path: string, modified: bigint, born = 0n): Opened => ({
  path,
  fd: -1,
  identity: { dev: '', ino: '', birth: '' },
  key: path,
  size: 1,
  modified,
  born,
});

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
  ])('knows %s for a rotated mail.log', (name) => {
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
  ])('does not take %s for one', (name) => {
    expect(isRotated(name, '/var/log/mail.log')).toBe(false);
  });

  it('knows names without an extension', () => {
    expect(isRotated('maillog.1', '/var/log/maillog')).toBe(true);
    expect(isRotated('maillog-20261125', '/var/log/maillog')).toBe(true);
  });
});

describe('openFile', () => {
  it('has nothing for a file that is not there', () => {
    expect(openFile(join(temporaryFolder(), 'none'))).toBeUndefined();
  });

  it('refuses a directory', () => {
    expect(() => openFile(temporaryFolder())).toThrow(expect.objectContaining({ code: 'EISDIR' }));
  });
});

describe('the files beside a log', () => {
  it('are told apart by whether they are compressed, and opened but those that are skipped', () => {
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
    ['their last change', [opened('b', 2n), opened('a', 1n)], 'a b'],
    ['their birth', [opened('b', 1n, 2n), opened('a', 1n, 1n)], 'a b'],
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
