import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultOfPattern } from '../../../src/sources/pattern/fault.ts';
import { root } from '../../support/privileges.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

const error = '/var/log/mail/a.log: permission denied, read it as root or as a member of its group (adm on Debian)';

describe('the fault of a pattern', () => {
  it('is none while all logs are read', () => {
    expect(faultOfPattern('/var/log/mail/*.log', { present: 2, closed: 0, error })).toEqual({});
  });

  it('A3: is the error of the log, or the number of logs, that cannot be read', () => {
    expect(faultOfPattern('/var/log/mail/*.log', { present: 2, closed: 1, error })).toEqual({ fault: error });
    expect(faultOfPattern('/var/log/mail/*.log', { present: 0, closed: 1, error })).toEqual({ fault: error, blind: true });
    expect(faultOfPattern('/var/log/mail/*.log', { present: 0, closed: 3, error })).toEqual({
      fault: `/var/log/mail/*.log: 3 logs cannot be read; the last error: ${error}`,
      blind: true,
    });
  });

  it('is that no file matches yet', () => {
    const pattern = join(temporaryFolder(), '*.log');
    expect(faultOfPattern(pattern, { present: 0, closed: 0, error: undefined })).toEqual({
      fault: `${pattern}: matches no file yet`,
    });
  });

  it.runIf(root)('A3: is that this user may not list the folder', () => {
    const folder = join(temporaryFolder(), 'mail');
    mkdirSync(folder);
    chmodSync(folder, 0o700);
    process.seteuid?.(65_534);
    try {
      expect(faultOfPattern(`${folder}/*.log`, { present: 0, closed: 0, error: undefined })).toMatchObject({ blind: true });
    } finally {
      process.seteuid?.(0);
    }
  });
});
