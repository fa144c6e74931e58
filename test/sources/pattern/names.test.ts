import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Names } from '../../../src/sources/pattern/names.ts';

let folder: string;
let names: Names;
const at = (name: string): string => join(folder, name);
const none = (): boolean => false;
const all = (): boolean => true;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-names-'));
  names = new Names({ logOf: () => undefined, get: () => undefined });
  writeFileSync(at('mail.log'), 'line\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Takes the logs of a scan. Returns the renamed logs. */
const scan = (...logs: string[]): unknown[] => [...names.renamed({ logs: logs.map(at), first: false }, none)];

describe('Names.isSecond', () => {
  it('is true for a symbolic link to a log of the last scan, even if that log is not followed yet', () => {
    symlinkSync('mail.log', at('current.log'));
    scan('current.log', 'mail.log');
    expect(names.isSecond(at('current.log'), none)).toBe(true);
    expect(names.isSecond(at('mail.log'), none)).toBe(false);
  });

  it('is false for a symbolic link to a file that does not match', () => {
    symlinkSync('mail.log', at('current.log'));
    scan('current.log');
    expect(names.isSecond(at('current.log'), none)).toBe(false);
  });

  it('is true for another hard link to the file of a log while that log is followed', () => {
    linkSync(at('mail.log'), at('copy.log'));
    scan('copy.log', 'mail.log');
    expect(names.isSecond(at('mail.log'), all)).toBe(false);
    expect([names.isSecond(at('copy.log'), all), names.isSecond(at('copy.log'), none)]).toEqual([true, false]);
  });

  it('is false for a path without a file', () => {
    expect(names.isSecond(at('none.log'), all)).toBe(false);
  });
});

describe('Names.renamed', () => {
  it('yields no log that had no cursor before', () => {
    expect(scan('mail.log')).toEqual([]);
  });
});
