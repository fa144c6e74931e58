import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNotifier, handedSockets } from '../../src/lib/systemd.ts';
import { limitsSettable, withoutDescriptors } from '../support/limits.ts';
import { listenAsSystemd } from '../support/daemon/systemd-ear.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-systemd-'));
afterAll(() => rmSync(folder, { recursive: true }));

const setUp = (environment: Record<string, string>) => {
  const warnings: string[] = [];
  return { warnings, notifier: createNotifier(environment, { warn: (text) => warnings.push(text) }) };
};

describe.runIf(process.platform === 'linux')('createNotifier with a supervisor', () => {
  const socket = join(folder, 'notify.sock');
  let ear: Awaited<ReturnType<typeof listenAsSystemd>>;
  beforeAll(async () => {
    ear = await listenAsSystemd(socket);
  });
  afterAll(() => ear.close());

  it('sends each state in a message, and resolves when the message is sent', async () => {
    const { notifier, warnings } = setUp({ NOTIFY_SOCKET: socket });
    await notifier.notify('READY=1', 'STATUS=3 sources, no bans');
    await notifier.notify('WATCHDOG=1');
    await notifier.notify('STOPPING=1');
    expect(warnings).toEqual([]);
    await expect.poll(() => ear.heard).toEqual(['READY=1\nSTATUS=3 sources, no bans', 'WATCHDOG=1', 'STOPPING=1']);
  });

  it('writes a state on one line', async () => {
    ear.heard.length = 0;
    await setUp({ NOTIFY_SOCKET: socket }).notifier.notify('STATUS=bad\nMAINPID=1');
    await expect.poll(() => ear.heard).toEqual(['STATUS=bad\\u{a}MAINPID=1']);
  });

  it('logs once that systemd cannot be notified', async () => {
    const { notifier, warnings } = setUp({ NOTIFY_SOCKET: join(folder, 'nobody.sock') });
    await notifier.notify('READY=1');
    await notifier.notify('READY=1');
    expect(warnings).toEqual([
      expect.stringMatching(/^systemd-notify: Failed to notify init system: .*; systemd did not receive READY=1$/),
    ]);
  });
});

describe.runIf(limitsSettable)('createNotifier, when no program can be started,', () => {
  const socket = join(folder, 'short.sock');
  let ear: Awaited<ReturnType<typeof listenAsSystemd>>;
  beforeAll(async () => {
    ear = await listenAsSystemd(socket);
  });
  afterAll(() => ear.close());

  it('sends WATCHDOG=1 in another way, as a separate line of a message, and logs this once', async () => {
    const { notifier, warnings } = setUp({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000' });
    await withoutDescriptors(async () => {
      await notifier.notify('WATCHDOG=1');
      await notifier.notify('WATCHDOG=1');
    });
    await expect.poll(() => ear.heard).toHaveLength(2);
    for (const message of ear.heard) expect(message.split('\n')).toContain('WATCHDOG=1');
    expect(warnings).toEqual([
      'systemd-notify: this program has no free file descriptor, raise its limit (LimitNOFILE= of the unit); WATCHDOG=1 was sent by logger',
    ]);
  });

  it('sends no WATCHDOG=1 in place of another state', async () => {
    ear.heard.length = 0;
    const { notifier, warnings } = setUp({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000' });
    await withoutDescriptors(() => notifier.notify('READY=1'));
    expect(warnings).toEqual([expect.stringMatching(/; systemd did not receive READY=1$/)]);
    await notifier.notify('STOPPING=1');
    await expect.poll(() => ear.heard).toEqual(['STOPPING=1']);
  });
});

describe('createNotifier', () => {
  it('does nothing without a supervisor', async () => {
    const { notifier, warnings } = setUp({});
    await notifier.notify('READY=1');
    expect(warnings).toEqual([]);
    expect(notifier.watchdogInterval).toBeUndefined();
  });

  it.each([
    ['half of the limit', { WATCHDOG_USEC: '30000000' }, 15_000],
    ['half of a limit for this process', { WATCHDOG_USEC: '1000000', WATCHDOG_PID: String(process.pid) }, 500],
    ['none if the limit is for another process', { WATCHDOG_USEC: '1000000', WATCHDOG_PID: '1' }, undefined],
    ['none without a limit', {}, undefined],
    ['none if the limit is not a number', { WATCHDOG_USEC: 'soon' }, undefined],
    ['none if the limit is zero', { WATCHDOG_USEC: '0' }, undefined],
  ])('returns the interval of the watchdog: %s', (_, environment, interval) => {
    expect(setUp({ NOTIFY_SOCKET: '/run/systemd/notify', ...environment }).notifier.watchdogInterval).toBe(interval);
  });
});

describe('handedSockets', () => {
  const PID = 4711;
  const handed = (environment: Record<string, string>) =>
    Object.fromEntries(handedSockets({ LISTEN_PID: '4711', ...environment }, PID));

  it.each([
    ['one socket', { LISTEN_FDS: '1', LISTEN_FDNAMES: 'control' }, { control: [3] }],
    ['two sockets of two units', { LISTEN_FDS: '2', LISTEN_FDNAMES: 'control:policy' }, { control: [3], policy: [4] }],
    ['two sockets of one unit', { LISTEN_FDS: '2', LISTEN_FDNAMES: 'smtp:smtp' }, { smtp: [3, 4] }],
    ['sockets without names', { LISTEN_FDS: '2' }, { unknown: [3, 4] }],
    [
      'a socket without a name before one with a name',
      { LISTEN_FDS: '2', LISTEN_FDNAMES: ':policy' },
      { unknown: [3], policy: [4] },
    ],
    ['fewer sockets than names', { LISTEN_FDS: '1', LISTEN_FDNAMES: 'control:policy' }, { control: [3] }],
  ])('returns the descriptors of %s', (_, environment, expected) => {
    expect(handed(environment)).toEqual(expected);
  });

  it.each([
    ['no socket is passed on', {}],
    ['the number of sockets is zero', { LISTEN_FDS: '0' }],
    ['the sockets are for another process', { LISTEN_FDS: '1', LISTEN_PID: '4710' }],
    ['the number of sockets is negative', { LISTEN_FDS: '-1' }],
    ['the number of sockets is too large', { LISTEN_FDS: '1000' }],
  ])('returns no sockets when %s', (_, environment) => {
    expect(handed(environment)).toEqual({});
  });
});
