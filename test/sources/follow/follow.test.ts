import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, statSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Follower, type Cursor, type FollowPorts } from '../../../src/sources/follow/follow.ts';
import type { DirectoryEvents } from '../../../src/sources/follow/watch.ts';
import { numbered, rotate, textOf } from '../../support/sources/files.ts';
import { until } from '../../support/until.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

/** A poll interval that no test reaches, so that the directory is checked only on events. */
const NEVER = 2_000_000_000;

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'mail.log');
});

/** A `Follower` that gets directory events only from the test. */
class Followed {
  readonly lines: string[] = [];
  readonly cursors: Cursor[] = [];
  readonly notices: string[] = [];
  /** The path of each watch that was started, and `stop` for each stop. */
  readonly watched: string[] = [];
  readonly follower: Follower;
  events: DirectoryEvents | undefined;
  /** The error that the start of a watch throws. */
  fault: Error | undefined;
  #held: Promise<void> | undefined;
  release = (): void => {};

  constructor(ports: Partial<FollowPorts> = {}) {
    this.follower = new Follower(path, {
      deliver: async (bytes, cursor) => {
        this.lines.push(...bytes.toString('latin1').split('\n').slice(0, -1));
        this.cursors.push(cursor);
        await this.#held;
      },
      notice: (kind, text) => void this.notices.push(`${kind}: ${text}`),
      lost: () => {},
      fail: (thrown) => expect.unreachable(String(thrown)),
      clock: () => 5,
      poll: NEVER,
      watch: (events) => {
        this.events = events;
        return {
          start: (watched) => {
            this.watched.push(watched);
            if (this.fault) throw this.fault;
          },
          stop: () => void this.watched.push('stop'),
        };
      },
      ...ports,
    });
    onTestFinished(() => this.follower.close());
  }

  /** Makes deliveries wait until `release`. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  /** Waits until the log is read to its end and the directory is checked. */
  async atRest(): Promise<void> {
    await until('a check of the directory', () => !this.follower.gone);
  }

  async line(count: number): Promise<void> {
    await until(`${count} lines`, () => this.lines.length >= count);
  }
}

describe('a follower', () => {
  it('delivers the existing lines, and new lines after an event of the log', async () => {
    writeFileSync(path, textOf(1, 2));
    const followed = new Followed();
    await followed.follower.begin('start');
    await followed.line(2);
    await followed.atRest();
    expect(followed.watched).toEqual([path]);
    appendFileSync(path, textOf(3, 3));
    followed.events?.changed(false, 'mail.log');
    await followed.line(3);
    appendFileSync(path, textOf(4, 4));
    followed.events?.changed(false, null);
    await followed.line(4);
    expect(followed.lines).toEqual(numbered(1, 4));
  });

  it('does not read on events of other files', async () => {
    writeFileSync(path, '');
    const followed = new Followed();
    await followed.follower.begin('start');
    appendFileSync(path, textOf(1, 1));
    followed.events?.changed(false, 'other.log');
    await sleep(30);
    expect(followed.lines).toEqual([]);
    followed.events?.changed(false, 'mail.log');
    await followed.line(1);
  });

  it('delivers a cursor and no line when it begins at the end, and `gone` is true while there is no file', async () => {
    const followed = new Followed();
    await followed.follower.begin('end');
    expect(followed.cursors).toEqual([expect.objectContaining({ ino: '', offset: 0, at: 5 })]);
    expect(followed.follower.gone).toBe(true);
    writeFileSync(path, textOf(1, 1));
    followed.events?.changed(true, 'mail.log');
    await followed.line(1);
    expect(followed.follower.gone).toBe(false);
  });

  it('notices a rename at its event', async () => {
    writeFileSync(path, textOf(1, 1));
    const followed = new Followed();
    await followed.follower.begin('start');
    await followed.line(1);
    appendFileSync(path, textOf(2, 2));
    rotate(path, `${path}.1`, textOf(3, 3));
    followed.events?.changed(true, 'mail.log.1');
    await followed.line(3);
    expect(followed.lines).toEqual(numbered(1, 3));
  });

  it('checks the size of the log at each event during a delivery, so that it can report lost bytes', async () => {
    writeFileSync(path, textOf(1, 2));
    const followed = new Followed();
    await followed.follower.begin('start');
    await followed.atRest();
    followed.hold();
    appendFileSync(path, textOf(3, 3));
    followed.events?.changed(false, 'mail.log');
    await followed.line(3);
    appendFileSync(path, textOf(4, 5));
    followed.events?.changed(false, 'mail.log');
    truncateSync(path);
    appendFileSync(path, textOf(6, 6));
    followed.release();
    await followed.line(4);
    expect(followed.lines).toEqual([...numbered(1, 3), ...numbered(6, 6)]);
    expect(followed.notices).toEqual([expect.stringContaining(`: ${textOf(4, 5).length} unread bytes are lost`)]);
  });

  it('opens each new file at the path during a delivery, so that no deleted file is lost', async () => {
    writeFileSync(path, '');
    const followed = new Followed();
    await followed.follower.begin('start');
    await followed.atRest();
    followed.hold();
    appendFileSync(path, textOf(1, 1));
    followed.events?.changed(false, 'mail.log');
    await followed.line(1);
    for (const line of [2, 3]) {
      unlinkSync(path);
      writeFileSync(path, textOf(line, line));
      followed.events?.changed(false, 'mail.log');
    }
    unlinkSync(path);
    followed.release();
    await followed.line(3);
    expect(followed.lines).toEqual(numbered(1, 3));
  });

  it('reports a cut line', async () => {
    writeFileSync(path, `${'x'.repeat(200_000)}\n`);
    const followed = new Followed();
    await followed.follower.begin('start');
    await followed.line(1);
    expect(followed.notices).toEqual([`cut: ${path}: a line of more than 64 KiB was cut`]);
  });

  it('delivers nothing after it is closed, even while it reads compressed files', async () => {
    writeFileSync(path, textOf(1, 1));
    const first = new Followed();
    await first.follower.begin('end');
    unlinkSync(path);
    writeFileSync(`${path}.2.gz`, gzipSync(textOf(1, 2)));
    writeFileSync(`${path}.1.gz`, gzipSync(textOf(3, 3)));
    const followed = new Followed();
    followed.hold();
    const begun = followed.follower.begin(first.cursors[0] ?? 'end');
    await followed.line(1);
    followed.follower.close();
    followed.release();
    await begun;
    expect(followed.lines).toEqual(numbered(2, 2));
    expect(followed.watched).toEqual(['stop']);
  });
});

describe('a follower without events', () => {
  it('reads at each poll', async () => {
    writeFileSync(path, textOf(1, 1));
    const followed = new Followed({ poll: 10 });
    await followed.follower.begin('start');
    await followed.line(1);
    rotate(path, `${path}.1`, textOf(2, 2));
    await followed.line(2);
    expect(followed.lines).toEqual(numbered(1, 2));
  });

  it('reports that the directory cannot be watched, and reads by polling', async () => {
    writeFileSync(path, textOf(1, 1));
    const followed = new Followed({ poll: 10 });
    followed.fault = new Error('ENOSPC');
    await followed.follower.begin('start');
    await followed.line(1);
    appendFileSync(path, textOf(2, 2));
    await followed.line(2);
    expect(followed.notices).toEqual([`watch: ${folder}: cannot be watched: ENOSPC; its files are polled every second`]);
  });

  it('reports nothing while the directory is missing, and watches the directory as soon as it exists', async () => {
    path = join(folder, 'later', 'mail.log');
    const followed = new Followed({ poll: 10 });
    followed.fault = new Error('ENOENT');
    await followed.follower.begin('start');
    expect(followed.notices).toEqual([]);
    followed.fault = undefined;
    mkdirSync(join(folder, 'later'));
    await until('a watch', () => followed.watched.filter((watched) => watched === path).length >= 2);
    writeFileSync(path, textOf(1, 1));
    await followed.line(1);
  });

  it('watches the directory again after a failure of the watch, and when the directory was replaced', async () => {
    mkdirSync(join(folder, 'logs'));
    path = join(folder, 'logs', 'mail.log');
    writeFileSync(path, textOf(1, 1));
    const followed = new Followed({ poll: 10 });
    await followed.follower.begin('start');
    const starts = (): number => followed.watched.filter((watched) => watched === path).length;
    expect(starts()).toBe(1);
    followed.events?.failed();
    await until('a second watch', () => starts() === 2);
    renameSync(join(folder, 'logs'), join(folder, 'old'));
    mkdirSync(join(folder, 'logs'));
    await until('a third watch', () => starts() === 3);
    writeFileSync(path, textOf(2, 2));
    await followed.line(2);
  });

  it('follows a symbolic link to its new target', async () => {
    mkdirSync(join(folder, 'one'));
    mkdirSync(join(folder, 'two'));
    writeFileSync(join(folder, 'one', 'mail.log'), textOf(1, 1));
    writeFileSync(join(folder, 'two', 'mail.log'), textOf(2, 2));
    symlinkSync('one/mail.log', path);
    const followed = new Followed({ poll: 10 });
    await followed.follower.begin('start');
    await followed.line(1);
    unlinkSync(path);
    symlinkSync('two/mail.log', path);
    await followed.line(2);
    await until('the new directory', () => followed.watched.at(-1) === join(folder, 'two', 'mail.log'));
    expect(followed.lines).toEqual(numbered(1, 2));
  });
});

describe.runIf(process.platform === 'linux')('a follower of a log that is written faster than it is read', () => {
  it('lets timers, signals and sockets have a turn of the event loop after each read', async () => {
    writeFileSync(path, '');
    const writer = spawn('timeout', ['20', 'sh', '-c', 'while :; do echo line; done >>"$0"', path]);
    onTestFinished(() => void writer.kill());
    const follower = new Follower(path, {
      deliver: async () => {
        // Waits 6 ms, because a read within 5 ms of the last read is put off, and then for a further write. So the next event always waits.
        const end = performance.now() + 6;
        while (performance.now() < end);
        const { size } = statSync(path);
        while (statSync(path).size === size && writer.exitCode === null && performance.now() < end + 1000);
      },
      notice: () => {},
      lost: () => {},
      fail: (thrown) => expect.unreachable(String(thrown)),
      clock: () => 5,
      poll: 1000,
    });
    onTestFinished(() => follower.close());
    await follower.begin('start');
    // Each sleep needs a turn of the event loop. Without such turns, the writer would end (after 20 seconds) before the sleeps.
    for (let turn = 0; turn < 200; turn += 1) await sleep(1);
    expect([writer.exitCode, writer.signalCode]).toEqual([null, null]);
  });
});
