import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formOf, isTar } from '../../../../src/sources/old/unpack/forms.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-forms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('formOf', () => {
  it.each([
    ['gzip', '1f8b0800'],
    ['gzip', '1f8b0000'],
    ['zstd', '28b52ffd'],
    ['xz', 'fd377a585a00'],
    ['bzip2', '425a6839'],
    ['lz4', '04224d18'],
    ['lzip', '4c5a495001'],
    ['compress', '1f9d90'],
    ['zip', '504b0304'],
    ['7z', '377abcaf271c'],
    ['rar', '526172211a07'],
    ['lzop', '894c5a4f000d0a1a'],
  ])('recognises %s', (name, hex) => {
    expect(formOf(Buffer.from(hex, 'hex'))?.name).toBe(name);
  });

  it('does not recognise text', () => {
    expect(formOf(Buffer.from('Nov 25 00:03:16 mx postfix/smtpd[1]: '))).toBeUndefined();
  });
});

describe('N024: isTar', () => {
  writeFileSync(join(folder, 'mail.log'), 'Nov 25 00:03:16 mx postfix/smtpd[1]: connect\n');

  it.each(['v7', 'oldgnu', 'gnu', 'ustar', 'pax'])('recognises an archive in the format %s', (format) => {
    const archive = execFileSync('tar', ['-c', `--format=${format}`, '-C', folder, 'mail.log']);
    expect(isTar(archive)).toBe(true);
    expect(isTar(archive.subarray(0, 511))).toBe(false);
    archive[0] = 0x78;
    expect(isTar(archive)).toBe(false);
  });

  it('does not take a log or empty blocks for an archive', () => {
    expect(isTar(Buffer.from('Nov 25 00:03:16 mx postfix/smtpd[1]: connect from x[203.0.113.1]\n'.repeat(20)))).toBe(false);
    expect(isTar(Buffer.alloc(1024))).toBe(false);
  });
});
