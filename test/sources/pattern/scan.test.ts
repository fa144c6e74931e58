import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cursor } from '../../../src/sources/follow/follow.ts';
import { isPattern, PatternScan } from '../../../src/sources/pattern/scan.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

const CURSOR: Cursor = { dev: '1', ino: '2', birth: '3', offset: 4, fingerprint: '0123456789abcdef', at: 5 };

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

const at = (name: string): string => join(folder, name);
const write = (...names: readonly string[]): void => names.forEach((name) => writeFileSync(at(name), ''));

async function logsOf(scan: PatternScan): Promise<string[] | undefined> {
  return (await scan.scan())?.logs.map((path) => path.slice(folder.length + 1)).toSorted();
}

describe('a scan', () => {
  it('finds the matching logs, including hidden logs, but not their rotated files', async () => {
    write('mail.log', 'mail.log.1', 'mail.log-20261125', 'mail.log.2.gz', '.hidden.log', 'mail.err', 'daemon.log.1');
    mkdirSync(at('mail.d'));
    expect(await logsOf(new PatternScan(at('*'), undefined, 'end'))).toEqual([
      '.hidden.log',
      'daemon.log.1',
      'mail.err',
      'mail.log',
    ]);
  });

  it('recognises a rotated file only in the folder of its log', async () => {
    mkdirSync(at('old'));
    write('mail.log', 'old/mail.log.1');
    expect(await logsOf(new PatternScan(at('**'), undefined, 'end'))).toEqual(['mail.log', 'old/mail.log.1']);
  });

  it('returns whether it is the first scan, and returns undefined while another scan runs', async () => {
    const scan = new PatternScan(at('*'), undefined, 'end');
    const [first, second] = await Promise.all([scan.scan(), scan.scan()]);
    expect([first?.first, second]).toEqual([true, undefined]);
    expect((await scan.scan())?.first).toBe(false);
  });
});

describe('the starting place of a log', () => {
  it('is the configured place in the first scan, and the start of a log that is created later', async () => {
    const scan = new PatternScan(at('*'), undefined, 'end');
    await scan.scan();
    expect(scan.startOf(at('a.log'))).toBe('end');
    await scan.scan();
    expect(scan.startOf(at('b.log'))).toBe('start');
    expect(scan.startOf(at('a.log'))).toBe('end');
  });

  it('is the cursor of the log after a restart, or the start of a log without a cursor', async () => {
    const scan = new PatternScan(at('*'), new Map([[at('a.log'), CURSOR]]), 'end');
    await scan.scan();
    expect(scan.startOf(at('a.log'))).toEqual(CURSOR);
    expect(scan.startOf(at('b.log'))).toBe('start');
  });

  it('is the start of a followed log that was deleted and created again', async () => {
    const scan = new PatternScan(at('*'), new Map([[at('a.log'), CURSOR]]), 'end');
    await scan.scan();
    scan.begun(at('a.log'));
    await scan.scan();
    expect(scan.startOf(at('a.log'))).toBe('start');
  });
});

describe('isPattern', () => {
  it.each(['/var/log/*.log', '/var/log/mail?', '/var/log/{a,b}', '/var/log/**/mail.log', '/var/log/[ab].log'])(
    'is true for %s',
    (path) => {
      expect(isPattern(path)).toBe(true);
    },
  );

  it.each(['/var/log/mail.log', 'mail.log', '/var/log/mail-2026.log'])('is false for %s', (path) => {
    expect(isPattern(path)).toBe(false);
  });
});
