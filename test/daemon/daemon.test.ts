import { existsSync, readdirSync, renameSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BanRow } from '../../src/types.ts';
import { until } from '../support/e2e-until.ts';
import { hitLine } from '../support/filters-lines.ts';
import { InnerDaemon } from '../support/hostile-daemon.ts';

let daemon: InnerDaemon;
beforeEach(() => {
  daemon = new InnerDaemon();
});
afterEach(() => daemon.end());

/** A hit of now. */
const hit = (client: string, words = 'triggers spamtrap'): string => {
  const line = hitLine({ client: `unknown[${client}]` }).replace('triggers spamtrap', words);
  return `${new Date().toISOString()}${line.slice('Jun  1 10:00:00'.length)}\n`;
};

const bans = async (): Promise<readonly string[]> =>
  (JSON.parse((await daemon.command('bans', '--json')).out) as readonly BanRow[]).map(({ network }) => network);

const banned = (client: string) => (): boolean => daemon.printed.join('').includes(`would ban ${client} `);

const hundred = Array.from({ length: 100 }, (_, index) => `198.51.100.${index + 1}`);

describe('a reload', () => {
  it('K07: with 100 bans and a changed rule loses no ban and leaves no gap', async () => {
    await daemon.start();
    await daemon.command('ban', ...hundred, '--for', '1h');
    daemon.write(hit('203.0.113.7'));
    await until('a hit by the old rule', banned('203.0.113.7'));
    daemon.configure('actions: [print]\njails: {spamtrap: {text: goes into the trap}}\n');
    expect(await daemon.command('reload')).toEqual({ code: 0, out: 'reloaded\n', err: '' });
    daemon.write(`${hit('203.0.113.8')}${hit('203.0.113.9', 'goes into the trap')}`);
    await until('a hit by the new rule', banned('203.0.113.9'));
    expect(await bans()).toHaveLength(102);
    expect(daemon.printed.join('')).not.toContain('unban');
    expect(daemon.printed.join('')).not.toContain('203.0.113.8');
  });

  it('K07: with a bad configuration is refused with its place, and the old one goes on', async () => {
    await daemon.start();
    await daemon.command('ban', ...hundred);
    for (const bad of ['bantim: 1h\n', 'jails: {a: {filter: none}}\n', 'defaults: {ignoreip: [/none]}\n', 'jails: [\n']) {
      daemon.configure(bad);
      const { code, out, err } = await daemon.command('reload', '--socket', daemon.socket);
      expect([code, out]).toEqual([78, '']);
      expect(err).toMatch(/^trapline: .*trapline\.yaml:\d+:\d+: .+\n$|^trapline: .*unknown filter "none".+\n$/);
    }
    daemon.write(hit('203.0.113.7'));
    await until('a hit by the old rule', banned('203.0.113.7'));
    daemon.configure('actions: [print]\n');
    expect(await bans()).toHaveLength(101);
  });
});

describe('a running daemon', () => {
  it('R08: has no log of its own for logrotate, and bans on when its ledger is moved away', async () => {
    await daemon.start();
    daemon.write(hit('203.0.113.7'));
    await until('a ban', banned('203.0.113.7'));
    const files = ['control.sock', 'mail.log', 'trapline.db', 'trapline.db-shm', 'trapline.db-wal', 'trapline.yaml'];
    expect(readdirSync(daemon.folder).toSorted()).toEqual(files);
    for (const end of ['', '-wal', '-shm']) renameSync(daemon.at(`trapline.db${end}`), daemon.at(`trapline.db.1${end}`));
    daemon.write(hit('203.0.113.8'));
    await until('a further ban', banned('203.0.113.8'));
    expect(await bans()).toEqual(expect.arrayContaining(['203.0.113.7', '203.0.113.8']));
    expect(daemon.printed.join('')).not.toContain('unban');
    expect(existsSync(daemon.at('trapline.db'))).toBe(false);
  });

  it('B09: ends a hundred bans that are due while hits keep coming', async () => {
    await daemon.start('actions: [print]\nlog_level: notice\n');
    await daemon.command('ban', ...hundred, '--for', '1s');
    const ended = (): number => daemon.printed.join('').split('would unban').length - 1;
    let written = 0;
    await until('all of them have ended', () => {
      const lines = Array.from({ length: 2000 }, (_, index) => hit(`10.${(written >> 8) & 255}.${written & 255}.${index & 255}`));
      daemon.write(lines.join(''));
      written += 1;
      return ended() >= 100;
    });
    expect(written).toBeGreaterThan(1);
    expect(await bans()).not.toContain('198.51.100.1');
  });

  it('refuses a second one on its socket before anything is touched', async () => {
    await daemon.start();
    const { code, err } = await daemon.command('run', '--state', daemon.at('second.db'));
    expect([code, err]).toEqual([69, expect.stringMatching(/^trapline: .*another daemon answers there, stop it first/)]);
    expect(existsSync(daemon.at('second.db'))).toBe(false);
  });

  it('S05: lets readers look on a socket of their own', async () => {
    await daemon.start(
      `actions: [print]\ncontrol: {socket: ${daemon.socket}, readers: '0', readers_socket: ${daemon.at('status.sock')}}\n`,
    );
    const reader = ['--socket', daemon.at('status.sock')];
    expect((await daemon.command('status', ...reader)).code).toBe(0);
    expect(await daemon.command('ban', '192.0.2.7', ...reader)).toEqual({
      code: 77,
      out: '',
      err: 'trapline: "POST" is not for readers, this socket only tells; nothing was changed\n',
    });
    expect(await bans()).toEqual([]);
    await daemon.end();
    expect(existsSync(daemon.at('status.sock'))).toBe(false);
  });
});
