import { appendFileSync, chmodSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Presence } from '../../../../src/lib/store/keeper/presence.ts';
import { LedgerFile } from '../../../support/ledger/file.ts';

let file: LedgerFile;
let version: number;
let presence: Presence;

const SUFFIXES = ['', '-wal', '-shm'] as const;

beforeEach(() => {
  file = new LedgerFile();
  for (const suffix of SUFFIXES) writeFileSync(`${file.path}${suffix}`, 'some bytes');
  version = 1;
  presence = new Presence(file.path, () => version);
});
afterEach(() => file.remove());

describe('Presence.look', () => {
  it('finds no loss while the files are unchanged', () => {
    expect([presence.look(), presence.written()]).toEqual([undefined, undefined]);
  });

  it.each(SUFFIXES)('finds that PATH%s is missing or was replaced by another file', (suffix) => {
    const name = `${file.path}${suffix}`;
    renameSync(name, `${name}.away`);
    expect(presence.look()).toEqual({ kind: 'gone', text: expect.stringMatching(/ was deleted$/) as string });
    writeFileSync(name, 'some bytes');
    expect(presence.look()).toEqual({ kind: 'gone', text: expect.stringMatching(/ was replaced by another$/) as string });
    expect(presence.isOwn(suffix)).toBe(false);
    renameSync(`${name}.away`, name);
    expect([presence.look(), presence.isOwn(suffix)]).toEqual([undefined, true]);
  });

  it('finds a file that was cut or written while no other connection has committed', () => {
    appendFileSync(file.path, 'more');
    expect(presence.look()).toEqual({ kind: 'changed', text: 'the file was overwritten' });
    presence.written();
    expect(presence.look()).toBeUndefined();
    truncateSync(`${file.path}-wal`, 3);
    expect(presence.look()).toEqual({ kind: 'changed', text: 'its write-ahead log was cut' });
  });

  it('finds a file that was overwritten without a change of its size', () => {
    utimesSync(file.path, 1, 1);
    expect(presence.look()).toEqual({ kind: 'changed', text: 'the file was overwritten' });
  });

  it('accepts one change of the files for each commit of another connection', () => {
    appendFileSync(`${file.path}-wal`, 'more');
    version = 2;
    expect([presence.look(), presence.look()]).toEqual([undefined, undefined]);
    appendFileSync(file.path, 'more');
    expect(presence.look()?.kind).toBe('changed');
  });

  it('ignores writes to the index, because all connections write to it', () => {
    appendFileSync(`${file.path}-shm`, 'more');
    expect(presence.look()).toBeUndefined();
  });

  it('has the permission bits of the file, or 0640 if the file is missing', () => {
    chmodSync(file.path, 0o660);
    expect(new Presence(file.path, () => 1).mode).toBe(0o660);
    rmSync(file.path);
    expect(new Presence(file.path, () => 1).mode).toBe(0o640);
  });
});
