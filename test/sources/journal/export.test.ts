import { describe, expect, it } from 'vitest';
import { ExportEntries } from '../../../src/sources/journal/export.ts';

const LIMIT = 4096;
const reader = (): ExportEntries => new ExportEntries(LIMIT, (offset) => new Error(`damaged behind ${offset}`));

/** A field in its binary form. */
function binary(name: string, value: string, size = Buffer.byteLength(value)): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(size));
  return Buffer.concat([Buffer.from(`${name}\n`), length, Buffer.from(`${value}\n`)]);
}

const entries = (...parts: readonly (string | Buffer)[]): unknown[] =>
  reader()
    .feed(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);

describe('a journal export', () => {
  it('has an entry up to each empty line, and only the fields that Trapline needs', () => {
    expect(entries('__CURSOR=a\n_UID=102\nOTHER=x\nMESSAGE=a=b\n\n__CURSOR=b\n\n')).toEqual([
      { __CURSOR: 'a', _UID: '102', MESSAGE: 'a=b' },
      { __CURSOR: 'b' },
    ]);
  });

  it('has values with newlines, which end no field and no entry', () => {
    const forged = 'x\n\n__CURSOR=b\n_UID=102\nMESSAGE=forged\n\n';
    expect(entries('__CURSOR=a\n', binary('MESSAGE', forged), '\n')).toEqual([{ __CURSOR: 'a', MESSAGE: forged }]);
    expect(entries('__CURSOR=a\n', binary('OTHER', forged.repeat(100)), '_UID=1\n\n')).toEqual([{ __CURSOR: 'a', _UID: '1' }]);
  });

  it('has a value that is no UTF-8 as a list of bytes, and a field that occurs twice as null, which never counts', () => {
    expect(entries(Buffer.from('MESSAGE=\xff\n\n', 'latin1'))).toEqual([{ MESSAGE: [255] }]);
    expect(entries('MESSAGE=a\nMESSAGE=b\n\n')).toEqual([{ MESSAGE: null }]);
  });

  it('drops an entry without an empty line behind it', () => {
    expect(entries('__CURSOR=a\nMESSAGE=cut')).toEqual([]);
  });

  it.each([
    ['a line that is no field', 'Nov 28 17:00:00 mx x\n', 0],
    ['a name in small letters', '__CURSOR=a\nmessage=x\n', 11],
    ['a value with a wrong size', Buffer.concat([binary('MESSAGE', 'abc', 2)]), 18],
    ['a value with an impossible size', Buffer.concat([Buffer.from('MESSAGE\n'), Buffer.alloc(8, 0xff)]), 0],
    ['a line that never ends', `MESSAGE=${'x'.repeat(2 * LIMIT)}`, 0],
  ])('is damaged if it has %s', (_, bytes, offset) => {
    expect(() => entries(bytes)).toThrow(`damaged behind ${offset}`);
  });

  it('skips a value that is too long, in bounded memory', () => {
    expect(entries('__CURSOR=a\n', binary('MESSAGE', 'x'.repeat(10 * LIMIT)), '_UID=1\n\n')).toEqual([
      { __CURSOR: 'a', _UID: '1' },
    ]);
  });

  it('reads a field that occurs a hundred thousand times', () => {
    expect(entries('__CURSOR=a\n', '_PID=1\n'.repeat(500), '\n')).toEqual([{ __CURSOR: 'a', _PID: null }]);
    const large = new ExportEntries(1_000_000, () => new Error('damaged'));
    expect(large.feed(Buffer.from(`__CURSOR=a\n${'_PID=1\n'.repeat(100_000)}\n`)).toString()).toBe(
      '{"__CURSOR":"a","_PID":null}\n',
    );
  });

  it('keeps nothing of an entry that is too large, and reads the next entry', () => {
    const many = Array.from(
      { length: 26 },
      (_, index) => `CONTAINER_${String.fromCodePoint(65 + index)}=${'x'.repeat(LIMIT / 16)}\n`,
    );
    expect(entries('__CURSOR=a\n', ...many, '_UID=1\n\n', '__CURSOR=b\n\n')).toEqual([{ __CURSOR: 'b' }]);
  });

  it('reads a megabyte of fields without an equals sign in linear time', () => {
    const bytes = Buffer.concat(Array.from({ length: 100_000 }, () => binary('A', '')));
    const start = process.cpuUsage();
    expect(entries('__CURSOR=a\n', bytes, '\n')).toEqual([{ __CURSOR: 'a' }]);
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
  });
});
