import { appendFileSync, copyFileSync, linkSync, renameSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { joinCursors, parseCursors, PatternLogs } from '../../../src/sources/pattern/pattern.ts';
import { descriptorsListed, openFilesIn } from '../../support/descriptors.ts';
import { numbered, textOf } from '../../support/sources/files.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';
import { until } from '../../support/until.ts';

/** More logs than `PatternLogs` keeps open. */
const MANY = 150;

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

const log = (n: number): string => join(folder, `mail${n}.log`);
const LOGS = Array.from({ length: MANY }, (_, n) => n);

/** The logs of a pattern, with the lines, notices and cursors that they have delivered. */
class Followed {
  readonly lines: string[] = [];
  /** The logs whose lines came with the instant after which they were written, and these instants. */
  readonly after: [path: string | undefined, writtenAfter: number][] = [];
  readonly notices: string[] = [];
  readonly unreadable: string[] = [];
  readonly record = new Map<string, string>();
  readonly logs: PatternLogs;

  constructor(record?: ReadonlyMap<string, string>, from: 'start' | 'end' = 'end') {
    this.logs = new PatternLogs(record && parseCursors(joined(record)), {
      pattern: `${folder}/*.log`,
      source: 'x',
      from,
      give: (path, bytes, cursor, writtenAfter) => {
        if (bytes.length > 0 && writtenAfter !== undefined) this.after.push([path, writtenAfter]);
        this.lines.push(...bytes.toString('latin1').split('\n').slice(0, -1));
        const { cursor: text, cursorKey = 'x' } = this.logs.cursorAfter(path, cursor);
        if (text !== undefined) this.record.set(cursorKey, text);
        return Promise.resolve();
      },
      notice: (_, kind, text) => void this.notices.push(`${kind}: ${text}`),
      unreadable: (path) => void this.unreadable.push(path),
      matchesNothing: () => {},
      lost: () => {},
      fail: (thrown) => expect.unreachable(String(thrown)),
      clock: Date.now,
      poll: 20,
    });
    this.logs.begin();
    onTestFinished(() => this.logs.close());
  }

  async line(count: number): Promise<void> {
    await until(`${count} lines`, () => this.lines.length >= count);
  }

  /** Waits until all logs are followed and most of them are closed (asleep). */
  async asleep(): Promise<void> {
    await until('all logs', () => this.logs.present === MANY && parseCursors(joined(this.record))?.size === MANY);
    await until('sleep', () => this.logs.awake <= 16);
  }
}

const joined = (record: ReadonlyMap<string, string>): string | undefined => joinCursors(record.get('x'), record.get('changes:x'));

describe('many logs', () => {
  beforeEach(() => LOGS.forEach((n) => writeFileSync(log(n), textOf(1, 1))));

  it('are mostly closed, and each new line of a closed log is found', async () => {
    await sleep(20);
    const began = Date.now();
    const followed = new Followed();
    await followed.asleep();
    expect(descriptorsListed ? openFilesIn(folder).length : 0).toBeLessThanOrEqual(16);
    const some = LOGS.filter((n) => n % 8 === 0);
    for (const [index, n] of some.entries()) {
      appendFileSync(log(n), textOf(n, n));
      await followed.line(index + 1);
    }
    expect(followed.lines).toEqual(some.flatMap((n) => numbered(n, n)));
    // Each line was written after its log was last known to end before it. The births of the logs would be earlier instants.
    expect(followed.after.map(([path]) => path)).toEqual(some.map(log));
    for (const [, after] of followed.after) expect(after).toBeGreaterThanOrEqual(began);
    expect(followed.notices).toEqual([]);
  });

  it('continue at their cursors after a restart, also if they have changed, and new logs are read from their start', async () => {
    const first = new Followed();
    await first.asleep();
    for (const n of [3, 50, 149]) appendFileSync(log(n), textOf(n, n));
    await first.line(3);
    first.logs.close();
    for (const n of [4, 50, 148]) appendFileSync(log(n), textOf(n + 1000, n + 1000));
    writeFileSync(join(folder, 'new.log'), textOf(5000, 5000));
    const second = new Followed(first.record);
    await second.line(4);
    await until('all logs', () => second.logs.present === MANY + 1);
    appendFileSync(log(99), textOf(6000, 6000));
    await second.line(5);
    expect(second.lines.slice(0, 4).toSorted()).toEqual([1004, 1050, 1148, 5000].flatMap((n) => numbered(n, n)).toSorted());
    expect(second.lines[4]).toBe(numbered(6000, 6000)[0]);
  });

  it('deliver every line once when they are renamed, copied and truncated, or replaced while they are closed', async () => {
    const followed = new Followed();
    await followed.asleep();
    appendFileSync(log(10), textOf(10, 10));
    renameSync(log(10), `${log(10)}.1`);
    writeFileSync(log(10), textOf(11, 11));
    await followed.line(2);
    appendFileSync(log(20), textOf(20, 20));
    copyFileSync(log(20), `${log(20)}.1`);
    truncateSync(log(20));
    appendFileSync(log(20), textOf(21, 21));
    await followed.line(4);
    unlinkSync(log(30));
    writeFileSync(log(30), textOf(30, 31));
    await followed.line(6);
    expect(followed.lines).toEqual([10, 11, 20, 21, 30, 31].flatMap((n) => numbered(n, n)));
  });

  it('are forgotten when they are deleted, and are read from their start when they are created again', async () => {
    const followed = new Followed();
    await followed.asleep();
    unlinkSync(log(140));
    // Cursors are recorded only together with lines, so another log gets lines.
    await until('the cursor is gone', () => {
      appendFileSync(join(folder, 'one.log'), textOf(9, 9));
      return !parseCursors(joined(followed.record))?.has(log(140));
    });
    expect(followed.logs.present).toBe(MANY);
    writeFileSync(log(140), textOf(2, 3));
    const ofLog = (): string[] => followed.lines.filter((line) => line !== numbered(9, 9)[0]);
    await until('its lines', () => ofLog().length >= 2);
    expect(ofLog()).toEqual(numbered(2, 3));
  });

  it('are all opened later when they could not be opened at first', async () => {
    // A link to itself can be listed, but not opened.
    for (const n of LOGS) {
      unlinkSync(log(n));
      symlinkSync(`mail${n}.log`, log(n));
    }
    writeFileSync(log(0).replace('mail0', 'good'), textOf(1, 1));
    const followed = new Followed(undefined, 'start');
    await followed.line(1);
    for (const n of LOGS) {
      unlinkSync(log(n));
      writeFileSync(log(n), textOf(n, n));
    }
    await followed.line(MANY + 1);
    expect(new Set(followed.lines).size).toBe(MANY);
  });
});

describe('few logs', () => {
  it('keep the cursor of a file that exists although the first scan did not find it', async () => {
    writeFileSync(join(folder, 'mail-1.log'), textOf(1, 1));
    const first = new Followed();
    await until('a cursor', () => first.record.size > 0);
    first.logs.close();
    // Beside this new log, the first log has the name of a rotated file, so a scan does not find it.
    writeFileSync(join(folder, 'mail.log'), textOf(2, 2));
    const second = new Followed(first.record);
    await second.line(1);
    expect([...(parseCursors(joined(second.record))?.keys() ?? [])].toSorted()).toEqual(
      ['mail-1.log', 'mail.log'].map((name) => join(folder, name)),
    );
  });

  it('all stay open', async () => {
    for (const n of [1, 2, 3]) writeFileSync(log(n), textOf(1, 1));
    const followed = new Followed(undefined, 'start');
    await followed.line(3);
    expect(followed.logs.awake).toBe(3);
  });
});

const at = (name: string): string => join(folder, name);

/** Waits for the next scans, and returns what was read. */
async function linesOf({ lines }: Followed): Promise<readonly string[]> {
  await sleep(200);
  return lines.toSorted();
}

describe('a file with another name', () => {
  it('is no log while it is a rotated copy of a missing log, also after a restart', async () => {
    const name = at('mail-20261125.log');
    writeFileSync(at('mail.log'), textOf(1, 2));
    const followed = new Followed(undefined, 'start');
    await followed.line(2);
    renameSync(at('mail.log'), name);
    appendFileSync(name, textOf(3, 3));
    expect(await linesOf(followed)).toEqual(numbered(1, 3));
    followed.logs.close();
    appendFileSync(name, textOf(4, 4));
    const later = new Followed(followed.record);
    await later.line(1);
    writeFileSync(at('mail.log'), textOf(5, 5));
    await later.line(2);
    expect(await linesOf(later)).toEqual(numbered(4, 5));
  });

  it('is read on from the cursor of its log when it is renamed', async () => {
    writeFileSync(at('one.log'), textOf(1, 1));
    writeFileSync(at('two.log'), textOf(2, 2));
    const followed = new Followed(undefined, 'start');
    await followed.line(2);
    renameSync(at('one.log'), at('new.log'));
    expect(await linesOf(followed)).toEqual(numbered(1, 2));
    appendFileSync(at('new.log'), textOf(3, 3));
    await followed.line(3);
    expect(await linesOf(followed)).toEqual(numbered(1, 3));
  });

  it('is reported when its name is not UTF-8', async () => {
    writeFileSync(Buffer.concat([Buffer.from(at('a')), Buffer.from([0xff]), Buffer.from('.log')]), textOf(1, 1));
    const followed = new Followed(undefined, 'start');
    await until('a report', () => followed.unreadable.length > 0);
    expect(followed.unreadable[0]).toBe(at('a\ufffd.log'));
    writeFileSync(at('b\ufffd.log'), textOf(2, 2));
    await followed.line(1);
    expect(followed.lines).toEqual(numbered(2, 2));
  });

  it('is read once when both names match', async () => {
    writeFileSync(at('mail.log'), textOf(1, 1));
    symlinkSync('mail.log', at('current.log'));
    linkSync(at('mail.log'), at('zzz.log'));
    const followed = new Followed(undefined, 'start');
    await followed.line(1);
    appendFileSync(at('zzz.log'), textOf(2, 2));
    await followed.line(2);
    expect(await linesOf(followed)).toEqual(numbered(1, 2));
    // When the first name goes, the second one counts.
    unlinkSync(at('mail.log'));
    await until('the other name is followed', () => followed.logs.present === 1);
    appendFileSync(at('zzz.log'), textOf(3, 3));
    await followed.line(3);
    expect(await linesOf(followed)).toEqual(numbered(1, 3));
  });
});
