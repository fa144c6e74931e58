import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DirectoryEvents } from '../../../src/sources/follow/follow.ts';
import { Folders } from '../../../src/sources/pattern/folders.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

let folder: string;
let appeared: (string | null)[];
/** The watches of folders that were made. `log`: the starts and stops of the watch. */
let made: { readonly events: DirectoryEvents; readonly log: string[] }[];
let fault: Error | undefined;
let folders: Folders;

beforeEach(() => {
  folder = temporaryFolder();
  appeared = [];
  made = [];
  fault = undefined;
  folders = new Folders(
    (_, name) => void appeared.push(name),
    (events) => {
      const log: string[] = [];
      made.push({ events, log });
      return {
        start: () => {
          if (fault) throw fault;
          log.push('start');
        },
        stop: () => void log.push('stop'),
      };
    },
  );
});

/** Starts a watch of one log. `heard`: the events that it has reported. */
function watchOf(name: string) {
  const heard: string[] = [];
  const watch = folders.watchFor({
    changed: (renamed, changed) => void heard.push(`${renamed ? 'renamed' : 'changed'} ${changed}`),
    failed: () => void heard.push('failed'),
  });
  watch.start(join(folder, name));
  return { heard, watch };
}

describe('a folder', () => {
  it('is watched once for all its logs, until no log in it is watched any more', () => {
    const [a, b] = [watchOf('a.log'), watchOf('b.log')];
    expect(made).toHaveLength(1);
    a.watch.stop();
    a.watch.stop();
    expect(folders.isWatched(folder)).toBe(true);
    b.watch.stop();
    expect(made[0]?.log).toEqual(['start', 'stop']);
    expect(folders.isWatched(folder)).toBe(false);
  });

  it('reports to each log the events of its file and of its rotated files, and events that name no file', () => {
    const [a, b] = [watchOf('a.log'), watchOf('b.log')];
    const events = made[0]?.events;
    events?.changed(false, 'a.log');
    events?.changed(true, 'a.log.1');
    events?.changed(true, 'b-20261125.log');
    events?.changed(false, 'c.log');
    events?.changed(true, null);
    expect(a.heard).toEqual(['changed a.log', 'renamed a.log.1', 'renamed null']);
    expect(b.heard).toEqual(['renamed b-20261125.log', 'renamed null']);
  });

  it('reports new names that belong to no log, and events without a name', () => {
    watchOf('a.log');
    const events = made[0]?.events;
    events?.changed(true, 'new.log');
    events?.changed(false, 'other.log');
    events?.changed(true, 'a.log');
    events?.changed(true, null);
    expect(appeared).toEqual(['new.log', null]);
  });

  it('reports a failure of its watch to all its logs, and can be watched again', () => {
    const [a, b] = [watchOf('a.log'), watchOf('b.log')];
    made[0]?.events.failed();
    expect([a.heard, b.heard]).toEqual([['failed'], ['failed']]);
    expect(folders.isWatched(folder)).toBe(false);
    a.watch.start(join(folder, 'a.log'));
    expect(made).toHaveLength(2);
    made[1]?.events.changed(false, 'a.log');
    expect(a.heard).toEqual(['failed', 'changed a.log']);
  });

  it('is watched again when another folder has taken its place', () => {
    mkdirSync(join(folder, 'logs'));
    const a = watchOf('logs/a.log');
    renameSync(join(folder, 'logs'), join(folder, 'old'));
    mkdirSync(join(folder, 'logs'));
    const b = watchOf('logs/b.log');
    expect(a.heard).toEqual(['failed']);
    expect(made.map(({ log }) => log)).toEqual([['start', 'stop'], ['start']]);
    made[1]?.events.changed(false, 'b.log');
    expect(b.heard).toEqual(['changed b.log']);
  });

  it('leads to an error with the reason when it cannot be watched', () => {
    fault = new Error('ENOSPC');
    expect(() => watchOf('a.log')).toThrow('ENOSPC');
    expect(folders.isWatched(folder)).toBe(false);
    fault = undefined;
    watchOf('a.log');
    expect(folders.isWatched(folder)).toBe(true);
  });

  it('is not watched after `close`', () => {
    watchOf('a.log');
    folders.close();
    expect(made[0]?.log).toEqual(['start', 'stop']);
  });
});
