import { appendFileSync, renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Cursor, DirectoryEvents } from '../../../src/sources/follow/follow.ts';
import { beginningOf } from '../../../src/sources/follow/resume/resume.ts';
import { Folders } from '../../../src/sources/pattern/folders.ts';
import { Sleepers } from '../../../src/sources/pattern/sleepers.ts';
import { Turns } from '../../../src/sources/pattern/turns.ts';
import { textOf } from '../../support/sources/files.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';
import { until } from '../../support/until.ts';

const NOW = Date.UTC(2026, 10, 25, 12);

let folder: string;
let path: string;
let woken: string[];
/** `ended` in the cursor of each log that has woken. */
let ended: (number | undefined)[];
let fault: Error | undefined;
let events: DirectoryEvents | undefined;
let starts: number;
let sleepers: Sleepers;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'mail.log');
  writeFileSync(path, textOf(1, 2));
  woken = [];
  ended = [];
  fault = undefined;
  starts = 0;
  const turns = new Turns();
  const folders = new Folders(
    () => {},
    (heard) => {
      events = heard;
      return {
        start: () => {
          starts += 1;
          if (fault) throw fault;
        },
        stop: () => {},
      };
    },
  );
  sleepers = new Sleepers({
    folders,
    turns,
    wake: (log, cursor) => {
      woken.push(log);
      ended.push(cursor.ended);
    },
  });
  onTestFinished(() => {
    sleepers.close();
    turns.close();
  });
});

/** The cursor at the end of a log. */
async function endOf(log = path): Promise<Cursor> {
  const { cursor } = await beginningOf(log, 'end', { clock: Date.now, cut: () => {}, damaged: () => {} });
  if (!cursor) throw new Error(`${log}: has no end`);
  return cursor;
}

// `Sleepers` has the logs of a pattern that were read to their end and are closed. When the file of a log has changed, `Sleepers` wakes the log: it
// calls a function that opens the log again.
describe('Sleepers', () => {
  it('accept a log that was read to its end', async () => {
    expect(sleepers.add(path, await endOf())).toBe(true);
    expect([sleepers.size, sleepers.has(path), sleepers.gone]).toEqual([1, true, []]);
    events?.changed(false, 'other.log');
    events?.changed(true, 'mail.log.7.gz');
    sleepers.poll(NOW);
    expect(woken).toEqual([]);
  });

  it('refuse a log that has grown, was replaced or was deleted', async () => {
    const cursor = await endOf();
    appendFileSync(path, textOf(3, 3));
    expect(sleepers.add(path, cursor)).toBe(false);
    renameSync(path, `${path}.1`);
    writeFileSync(path, textOf(1, 2));
    expect(sleepers.add(path, cursor)).toBe(false);
    unlinkSync(path);
    expect(sleepers.add(path, cursor)).toBe(false);
    expect(sleepers.size).toBe(0);
  });

  it('accept a rotated log that was read to its end while its new file is empty, and wake it when either file is written to', async () => {
    const cursor = await endOf();
    const rotateIt = (): void => {
      renameSync(path, `${path}.1`);
      writeFileSync(path, '');
    };
    rotateIt();
    expect(sleepers.add(path, cursor)).toBe(true);
    events?.changed(false, 'mail.log.1');
    expect(woken).toEqual([path]);
    expect(sleepers.add(path, cursor)).toBe(true);
    appendFileSync(path, textOf(3, 3));
    events?.changed(false, 'mail.log');
    expect(woken).toEqual([path, path]);
  });

  it('refuse a rotated log without a watch of its folder or at a start, and wake a rotated log when the watch ends', async () => {
    const cursor = await endOf();
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
    expect(sleepers.add(path, cursor, Date.now() + 1000)).toBe(false);
    fault = new Error('no watch');
    expect(sleepers.add(path, cursor)).toBe(false);
    expect(sleepers.size).toBe(0);
    fault = undefined;
    expect(sleepers.add(path, cursor)).toBe(true);
    events?.failed();
    expect(woken).toEqual([path]);
  });

  it('refuse a log that still ends at its cursor but has changed after the given time', async () => {
    const cursor = await endOf();
    writeFileSync(path, textOf(3, 4));
    expect(sleepers.add(path, cursor, Date.now() - 3_600_000)).toBe(false);
    expect(sleepers.add(path, cursor, Date.now() + 3_600_000)).toBe(true);
  });

  it('return the time of the poll before last when a log wakes: an event would have reported an earlier write', async () => {
    const cursor = { ...(await endOf()), at: NOW };
    for (const polls of [[], [NOW + 1000], [NOW + 1000, NOW + 2000, NOW + 3000]]) {
      sleepers.add(path, cursor);
      for (const now of polls) sleepers.poll(now);
      events?.changed(false, 'mail.log');
    }
    expect(ended).toEqual([NOW, NOW, NOW + 2000]);
  });

  it('return no time when a log wakes without an event', async () => {
    fault = new Error('no watch');
    sleepers.add(path, await endOf());
    sleepers.poll(NOW);
    appendFileSync(path, textOf(3, 3));
    sleepers.poll(NOW);
    await until('the log wakes', () => woken.length > 0);
    expect(ended).toEqual([undefined]);
  });

  it('wake a log once when events report writes to it', async () => {
    sleepers.add(path, await endOf());
    writeFileSync(path, textOf(3, 4));
    events?.changed(false, 'mail.log');
    events?.changed(false, 'mail.log');
    expect(woken).toEqual([path]);
    expect(sleepers.has(path)).toBe(false);
  });

  it('wake a log when another file takes its place, but not while the file is missing', async () => {
    sleepers.add(path, await endOf());
    renameSync(path, `${path}.1`);
    events?.changed(true, 'mail.log');
    expect([woken, sleepers.gone]).toEqual([[], [path]]);
    writeFileSync(path, '');
    events?.changed(true, 'mail.log');
    expect(woken).toEqual([path]);
  });

  it.each([
    ['grew', (): void => appendFileSync(path, textOf(3, 3))],
    ['was rewritten with its old length', (): void => utimesSync(path, 1, 1)],
  ])('wake a log within 61 polls when it %s without an event', async (_, change) => {
    sleepers.add(path, await endOf());
    change();
    for (let poll = 0; poll < 61; poll += 1) sleepers.poll(NOW);
    expect(woken).toEqual([path]);
  });

  it('check every log at every poll while the folder cannot be watched, and try to watch the folder once at each poll', async () => {
    const logs = [0, 1, 2].map((n) => join(folder, `${n}.log`));
    fault = new Error('ENOSPC');
    for (const log of logs) {
      writeFileSync(log, textOf(1, 1));
      sleepers.add(log, await endOf(log));
    }
    starts = 0;
    sleepers.poll(NOW);
    expect(starts).toBe(1);
    for (const log of logs) appendFileSync(log, textOf(2, 2));
    sleepers.poll(NOW);
    await until('all logs wake', () => woken.length === 3);
  });

  it('watch the folder of a log again after the watch failed', async () => {
    sleepers.add(path, await endOf());
    events?.failed();
    sleepers.poll(NOW);
    writeFileSync(path, textOf(3, 4));
    events?.changed(false, 'mail.log');
    expect(woken).toEqual([path]);
  });

  it('do not wake a log that was removed', async () => {
    sleepers.add(path, await endOf());
    sleepers.remove(path);
    events?.changed(false, 'mail.log');
    expect([woken, sleepers.size]).toEqual([[], 0]);
  });
});
