import { closeSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Losses, type Lost } from '../../../src/sources/follow/losses.ts';
import { Place } from '../../../src/sources/follow/place.ts';
import { Progress } from '../../../src/sources/follow/progress.ts';
import { openFile, type Opened } from '../../../src/sources/follow/rotation.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

let path: string;
let reports: string[];
let lost: Lost[];
let losses: Losses;

beforeEach(() => {
  path = join(temporaryFolder(), 'mail.log');
  reports = [];
  lost = [];
  losses = new Losses(
    (text, kind) => void reports.push(`${kind}: ${text}`),
    (some) => void lost.push(some),
  );
});

/** Reports the directory events of `count` rotations, two for each rotation. */
const rotations = (count: number): void => {
  for (let event = 0; event < 2 * count; event += 1) losses.moved();
};

describe('files that come to the path and leave it', () => {
  it('are lost when events announced more files than were seen', () => {
    rotations(4);
    losses.saw('rotated');
    losses.saw('log');
    losses.polled(path, true);
    losses.polled(path, true);
    expect(reports).toEqual([`rotation: ${path}: 2 files came and went before they could be opened, the lines in them are lost`]);
    expect(lost).toEqual([{ bytes: 0, files: 2 }]);
  });

  it('are not lost when each file was seen, once or several times, before or after its events', () => {
    losses.saw('first');
    losses.polled(path, true);
    rotations(1);
    rotations(1);
    losses.saw('second');
    losses.saw('second');
    losses.polled(path, true);
    rotations(1);
    losses.saw('third');
    losses.polled(path, true);
    expect(reports).toEqual([]);
  });

  it('are not lost when the log was moved to another name and back', () => {
    losses.saw('log');
    rotations(1);
    losses.polled(path, true);
    losses.polled(path, true);
    rotations(1);
    losses.polled(path, true);
    expect(reports).toEqual([]);
  });

  it('are counted even when earlier files were seen whose events never came', () => {
    for (const key of ['a', 'b', 'c']) losses.saw(key);
    losses.polled(path, true);
    losses.polled(path, true);
    rotations(2);
    losses.saw('log');
    losses.polled(path, true);
    expect(lost).toEqual([{ bytes: 0, files: 1 }]);
  });

  it('are reported when the log is read to its end, and not while files wait to be read', () => {
    rotations(3);
    losses.saw('log');
    losses.polled(path, false);
    losses.saw('rotated');
    expect(reports).toEqual([]);
    rotations(1);
    losses.moved();
    losses.polled(path, true);
    expect(lost).toEqual([{ bytes: 0, files: 2 }]);
  });

  it('are not lost when they existed before the start', () => {
    losses.ignore(['old']);
    rotations(1);
    losses.saw('old');
    losses.saw('log');
    losses.polled(path, true);
    rotations(2);
    losses.saw('new');
    losses.polled(path, true);
    expect(lost).toEqual([{ bytes: 0, files: 1 }]);
  });
});

/** Writes a file with this text, and returns the open file. */
function opened(text: string): Opened {
  writeFileSync(path, text);
  const file = openFile(path);
  if (!file) throw new Error('it was just written');
  onTestFinished(() => closeSync(file.fd));
  return file;
}

describe('a file that is closed unread', () => {
  it('counts as lost from the first unread byte on when it was deleted', () => {
    const file = opened('four\nbytes\n');
    unlinkSync(path);
    losses.dropped(file, 5);
    losses.dropped(file, 11);
    expect(reports).toEqual([`rotation: ${path}: was deleted before it was read: 6 bytes are lost`]);
    expect(lost).toEqual([{ bytes: 6, files: 0 }]);
  });

  it('does not count as lost while it still exists under another name', () => {
    const file = opened('four\nbytes\n');
    losses.saw(file.key);
    rotations(1);
    losses.dropped(file, 0);
    losses.saw(file.key);
    losses.polled(path, true);
    expect(reports).toEqual([]);
  });

  it('counts as lost when no scan finds it again', () => {
    const file = opened('four\nbytes\n');
    losses.saw(file.key);
    rotations(2);
    losses.dropped(file, 0);
    losses.saw('log');
    losses.polled(path, true);
    expect(lost).toEqual([{ bytes: 0, files: 1 }]);
  });
});

/** A progress at this offset of a file. */
const progressOf = (file: Opened, offset: number): Progress => new Progress(() => {}, { place: Place.in(file.fd, offset) });

describe('a truncated file', () => {
  it('counts as lost from the first unread byte on, until its copy is found', () => {
    const file = opened('four\nbytes\n');
    const progress = progressOf(file, 5);
    losses.truncated(file, progress, 11);
    losses.found('copy', progress, 'is the copy of the truncated file');
    losses.found('copy', progress, 'is the copy of the truncated file');
    expect(reports).toEqual([
      `rotation: ${path}: truncated after 5 bytes, and no copy of it was found: 6 unread bytes are lost`,
      'copy: copy: is the copy of the truncated file: none of its lines is lost',
    ]);
    expect(lost).toEqual([
      { bytes: 6, files: 0 },
      { bytes: -6, files: 0 },
    ]);
  });

  it('leads to the report that lines may be lost when all known bytes were read', () => {
    const file = opened('four\nbytes\n');
    losses.truncated(file, progressOf(file, 11), 11);
    expect(reports).toEqual([
      `rotation: ${path}: truncated after 11 bytes, and no copy of it was found: lines written just before the truncation may be lost`,
    ]);
    expect(lost).toEqual([]);
  });
});
