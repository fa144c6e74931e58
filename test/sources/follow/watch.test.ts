import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { appendFileSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { newWatch, type DirectoryWatch } from '../../../src/sources/follow/watch.ts';
import { until } from '../../support/until.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

let folder: string;
let path: string;
let events: string[];
let watch: DirectoryWatch;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'mail.log');
  events = [];
  watch = newWatch({
    changed: (renamed, name) => void events.push(`${renamed ? 'renamed' : 'written'} ${name}`),
    failed: () => void events.push('failed'),
  });
  onTestFinished(() => watch.stop());
});

const seen = (event: string): Promise<void> => until(event, () => events.includes(event));

describe('a watch', () => {
  it('reports creations, writes, renames and deletions in the directory of the log', async () => {
    watch.start(path);
    writeFileSync(path, '');
    await seen('renamed mail.log');
    appendFileSync(path, 'line\n');
    await seen('written mail.log');
    renameSync(path, `${path}.1`);
    await seen('renamed mail.log.1');
    events.length = 0;
    unlinkSync(`${path}.1`);
    await seen('renamed mail.log.1');
    expect(new Set(events)).toEqual(new Set(['renamed mail.log.1']));
  });

  it('watches only the directory of its last start', async () => {
    mkdirSync(join(folder, 'other'));
    watch.start(path);
    watch.start(join(folder, 'other', 'mail.log'));
    writeFileSync(path, '');
    writeFileSync(join(folder, 'other', 'mail.log'), '');
    writeFileSync(join(folder, 'other', 'last'), '');
    await seen('renamed last');
    expect(events.filter((event) => event === 'renamed mail.log')).toHaveLength(1);
  });

  it('reports nothing after it is stopped', async () => {
    const other = newWatch({ changed: () => void events.push('seen'), failed: () => {} });
    onTestFinished(() => other.stop());
    watch.start(path);
    other.start(path);
    watch.stop();
    writeFileSync(path, '');
    await seen('seen');
    expect(events.every((event) => event === 'seen')).toBe(true);
  });

  it('throws for a missing directory, and can be started again', async () => {
    const later = join(folder, 'later', 'mail.log');
    expect(() => watch.start(later)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    mkdirSync(join(folder, 'later'));
    watch.start(later);
    writeFileSync(later, '');
    await seen('renamed mail.log');
  });

  it('reports its failure, but not after it is stopped', () => {
    const watcher = Object.assign(new EventEmitter(), { close: vi.fn<() => void>() });
    const spy = vi.spyOn(fs, 'watch').mockReturnValue(watcher as unknown as fs.FSWatcher);
    onTestFinished(() => spy.mockRestore());
    watch.start(path);
    watcher.emit('error', new Error('EMFILE'));
    expect(events).toEqual(['failed']);
    watch.stop();
    expect(watcher.close).toHaveBeenCalledOnce();
    watcher.emit('error', new Error('EMFILE'));
    watcher.emit('change', 'rename', 'mail.log');
    expect(events).toEqual(['failed']);
  });
});
