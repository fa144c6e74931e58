import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNotifier } from '../../src/lib/systemd.ts';
import { listenAsSystemd } from '../support/systemd-ear.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-systemd-'));
afterAll(() => rmSync(folder, { recursive: true }));

const setUp = (environment: Record<string, string>) => {
  const warnings: string[] = [];
  return { warnings, notifier: createNotifier(environment, { warn: (text) => warnings.push(text) }) };
};

describe.runIf(process.platform === 'linux')('createNotifier, with a supervisor', () => {
  const socket = join(folder, 'notify.sock');
  let ear: Awaited<ReturnType<typeof listenAsSystemd>>;
  beforeAll(async () => {
    ear = await listenAsSystemd(socket);
  });
  afterAll(() => ear.close());

  it('tells states, each message before its promise resolves', async () => {
    const { notifier, warnings } = setUp({ NOTIFY_SOCKET: socket });
    await notifier.notify('READY=1', 'STATUS=3 sources, no bans');
    await notifier.notify('WATCHDOG=1');
    await notifier.notify('STOPPING=1');
    expect(warnings).toEqual([]);
    await expect.poll(() => ear.heard).toEqual(['READY=1\nSTATUS=3 sources, no bans', 'WATCHDOG=1', 'STOPPING=1']);
  });

  it('keeps a state on its line', async () => {
    ear.heard.length = 0;
    await setUp({ NOTIFY_SOCKET: socket }).notifier.notify('STATUS=bad\nMAINPID=1');
    await expect.poll(() => ear.heard).toEqual(['STATUS=bad\\u{a}MAINPID=1']);
  });

  it('logs once what it cannot tell', async () => {
    const { notifier, warnings } = setUp({ NOTIFY_SOCKET: join(folder, 'nobody.sock') });
    await notifier.notify('READY=1');
    await notifier.notify('READY=1');
    expect(warnings).toEqual([
      expect.stringMatching(/^systemd-notify: Failed to notify init system: .*; systemd was not told READY=1$/),
    ]);
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
    ['the limit is for this process', { WATCHDOG_USEC: '1000000', WATCHDOG_PID: String(process.pid) }, 500],
    ['the limit is for another process', { WATCHDOG_USEC: '1000000', WATCHDOG_PID: '1' }, undefined],
    ['no limit', {}, undefined],
    ['no number', { WATCHDOG_USEC: 'soon' }, undefined],
    ['zero', { WATCHDOG_USEC: '0' }, undefined],
  ])('reads how often to show life: %s', (_, environment, interval) => {
    expect(setUp({ NOTIFY_SOCKET: '/run/systemd/notify', ...environment }).notifier.watchdogInterval).toBe(interval);
  });
});
