import { appendFileSync, closeSync, fstatSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Arrivals, MOST_WAITING } from '../../../src/sources/follow/arrivals.ts';
import { openFile } from '../../../src/sources/follow/rotation.ts';
import { nextTick } from '../../support/sources/files.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

let folder: string;
let path: string;
let arrivals: Arrivals;
/** The keys of the files that appeared at the path, and of the files that were closed unread. */
let came: string[];
let dropped: string[];

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'mail.log');
  came = [];
  dropped = [];
  arrivals = new Arrivals(path, { came: (key) => void came.push(key), dropped: (file) => void dropped.push(file.key) });
  onTestFinished(() => arrivals.close());
});

/** Puts a new file at the path, and checks the path. */
function arrive(text = ''): string | undefined {
  unlinkSync(path);
  nextTick(folder);
  writeFileSync(path, text);
  arrivals.look(undefined);
  return arrivals.key;
}

describe('Arrivals', () => {
  it('opens the file at the path once, and remembers its key', () => {
    writeFileSync(path, 'one\n');
    arrivals.look(undefined);
    arrivals.look(undefined);
    expect(arrivals.waiting.map((file) => [file.path, file.size])).toEqual([[path, 4]]);
    expect(arrivals.waiting[0]?.key).toBe(arrivals.key);
  });

  it('does not open the file that is being read', () => {
    writeFileSync(path, '');
    const current = openFile(path);
    arrivals.look(current?.key);
    expect(arrivals.waiting).toEqual([]);
    expect(arrivals.key).toBe(current?.key);
    if (current) closeSync(current.fd);
  });

  it('has no key while there is no file at the path, or a file that cannot be opened', () => {
    arrivals.look(undefined);
    expect(arrivals.key).toBeUndefined();
    writeFileSync(path, '');
    arrivals.look(undefined);
    unlinkSync(path);
    mkdirSync(path);
    expect(() => arrivals.look(undefined)).toThrow(expect.objectContaining({ code: 'EISDIR' }));
    expect(arrivals.key).toBeUndefined();
    expect(arrivals.waiting).toHaveLength(1);
  });

  it('keeps files in the order in which they appeared at the path, even if they are renamed later', () => {
    writeFileSync(path, '');
    arrivals.look(undefined);
    const keys = [arrivals.key, arrive(), arrive()];
    renameSync(path, `${path}.1`);
    arrivals.look(undefined);
    expect(arrivals.waiting.map(({ key }) => key)).toEqual(keys);
  });

  it(`keeps ${MOST_WAITING} files open, and closes the oldest file when another file arrives`, () => {
    writeFileSync(path, '');
    arrivals.look(undefined);
    for (let count = 1; count < MOST_WAITING; count += 1) arrive();
    const [oldest, second] = arrivals.waiting;
    expect(arrivals.waiting).toHaveLength(MOST_WAITING);
    expect(fstatSync(oldest?.fd ?? -1).isFile()).toBe(true);
    const last = arrive();
    expect(arrivals.waiting).toHaveLength(MOST_WAITING);
    expect(() => fstatSync(oldest?.fd ?? -1)).toThrow('EBADF');
    expect(arrivals.waiting[0]).toBe(second);
    expect(arrivals.waiting.at(-1)?.key).toBe(last);
  });

  it('updates the sizes of its files only on request', () => {
    writeFileSync(path, 'one\n');
    arrivals.look(undefined);
    appendFileSync(path, 'two\n');
    expect(arrivals.waiting[0]?.size).toBe(4);
    arrivals.refresh();
    expect(arrivals.waiting[0]?.size).toBe(8);
  });

  it('does not close a file that it has released, and closes all other files', () => {
    writeFileSync(path, '');
    arrivals.look(undefined);
    const second = arrive() ?? '';
    const [first, released] = arrivals.waiting;
    arrivals.release(second);
    expect([arrivals.has(first?.key ?? ''), arrivals.has(second)]).toEqual([true, false]);
    arrivals.close();
    expect(() => fstatSync(first?.fd ?? -1)).toThrow('EBADF');
    closeSync(released?.fd ?? -1);
  });

  it('reports each file that appears, and the oldest file when too many files wait to be read', () => {
    writeFileSync(path, '');
    const keys = Array.from({ length: MOST_WAITING + 1 }, (_, n) => arrive(String(n)));
    arrivals.look(undefined);
    expect(came).toEqual(keys);
    expect(dropped).toEqual([keys[0]]);
  });
});
