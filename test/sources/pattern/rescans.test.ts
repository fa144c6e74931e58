import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { DirectoryEvents } from '../../../src/sources/follow/follow.ts';
import { Folders } from '../../../src/sources/pattern/folders.ts';
import { Rescans } from '../../../src/sources/pattern/rescans.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';
import { until } from '../../support/until.ts';

let folder: string;
let events: DirectoryEvents | undefined;
let watched: string[];
let scans: number;
/** Ends the current scan. */
let finish: () => void;

beforeEach(() => {
  folder = temporaryFolder();
  events = undefined;
  watched = [];
  scans = 0;
  finish = () => {};
});

/** The scans of a pattern. A scan ends at once or, if `held`, when `finish` is called. */
function rescansOf(pattern: string, { held = false, poll = 1000 } = {}): Rescans {
  const rescans = new Rescans(join(folder, pattern), {
    poll,
    scan: () => {
      scans += 1;
      return new Promise((resolve) => {
        finish = resolve;
        if (!held) resolve();
      });
    },
  });
  const folders = new Folders(
    (at, name) => rescans.appeared(at, name),
    (heard) => {
      events = heard;
      return { start: (path) => void watched.push(path), stop: () => {} };
    },
  );
  rescans.watch(folders);
  onTestFinished(() => rescans.close());
  return rescans;
}

describe('a scan', () => {
  it('is made soon after a new name appears that the pattern may match', async () => {
    rescansOf('*.log');
    expect(watched.map((path) => path.slice(folder.length))).toEqual(['/*']);
    events?.changed(true, 'new.log');
    await until('a scan', () => scans === 1);
  });

  it('is not made for a name that the pattern cannot match, or for a changed file', async () => {
    rescansOf('*.log');
    events?.changed(true, 'new.txt');
    events?.changed(false, 'new.log');
    await sleep(50);
    expect(scans).toBe(0);
    events?.changed(true, null);
    await until('a scan', () => scans === 1);
  });

  it('is made for every new name if the pattern has wildcards in its folders', async () => {
    rescansOf('*/mail.log');
    events?.changed(true, 'new-folder');
    await until('a scan', () => scans > 0);
    expect(scans).toBe(1);
  });

  it('never runs while another scan runs, and is made once more if names appear during a scan', async () => {
    const rescans = rescansOf('*.log', { held: true });
    rescans.now();
    events?.changed(true, 'a.log');
    events?.changed(true, 'b.log');
    rescans.now();
    expect(scans).toBe(1);
    finish();
    await until('the second scan', () => scans === 2);
    finish();
    await sleep(50);
    expect(scans).toBe(2);
  });

  it('is made at each poll while scans are fast', async () => {
    const rescans = rescansOf('*.log', { poll: 3_600_000 });
    for (const scan of [1, 2]) {
      rescans.poll();
      expect(scans).toBe(scan);
      await sleep(1);
    }
  });

  it('is made at longer intervals when the last scan took long', async () => {
    const rescans = rescansOf('*.log', { held: true, poll: 1 });
    rescans.now();
    await sleep(200);
    finish();
    await sleep(1);
    // Scans may take a 500th of the time, so after a scan of 200 ms the next scan is due in 100 s.
    rescans.poll();
    expect(scans).toBe(1);
  });

  it('is not made after `close`', async () => {
    const rescans = rescansOf('*.log');
    rescans.close();
    rescans.now();
    rescans.appeared(folder, 'a.log');
    await sleep(20);
    expect(scans).toBe(0);
  });
});
