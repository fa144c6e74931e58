import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchPlace, trapline } from '../support/command-line.ts';

const place = scratchPlace();
afterAll(() => place.remove());

describe('trapline', () => {
  it('lists its commands', async () => {
    const { code, out } = await trapline(['--help']);
    expect(code).toBe(0);
    for (const command of ['run', 'backfill', 'ban', 'unban', 'bans', 'status', 'reload', 'check', 'test']) {
      expect(out).toMatch(new RegExp(`^ *${command} `, 'm'));
    }
  });

  it('tells its version', async () => {
    expect(await trapline(['--version'])).toEqual({ code: 0, out: '0.0.0\n', err: '' });
  });

  it.each([
    [['bann', '192.0.2.1'], 'did you mean `ban`'],
    [['ban', '192.0.2.1', '--forevr'], '--forever'],
    [['ban'], 'Expected at least 1 argument'],
    [['ban', '-s'], '-s'],
    [['ban', '192.0.2.1', '--for', 'soon'], '"soon" is no span of time, write it like 90s, 10m, 2h or 7d'],
    [['ban', '192.0.2.1', '--for', '1h', '--forever'], '--for and --forever exclude each other'],
    [['unban'], 'name the networks to unban, or --all'],
    [['unban', '192.0.2.1', '--all'], 'name the networks to unban, or --all'],
    [['test', 'x', '--format', 'sylog'], 'syslog'],
    [['backfill', 'x', '--since', 'yesterday'], '"yesterday" is no moment'],
  ])('refuses %j as a mistake of usage', async (words, advice) => {
    const { code, out, err } = await trapline(words);
    expect([code, out]).toEqual([64, '']);
    expect(err).toContain(advice);
  });

  it('K01: says where an unknown key of the configuration is, and which was meant', async () => {
    writeFileSync(place.at('bad.yaml'), 'defaults:\n  bantim: 1h\n');
    for (const words of [['status'], ['bans'], ['check'], ['run'], ['ban', '192.0.2.1']]) {
      const { code, out, err } = await trapline([...words, '--config', place.at('bad.yaml')]);
      expect([code, out]).toEqual([78, '']);
      expect(err).toBe(`trapline: ${place.at('bad.yaml')}:2:3: unknown key "bantim", did you mean "bantime"?\n`);
    }
  });

  it('says that no daemon answers', async () => {
    const { code, err } = await trapline(['status', '--socket', place.at('none.sock')]);
    expect(code).toBe(69);
    expect(err).toMatch(/^trapline: .*none\.sock: no daemon answers, start it with .*\n$/);
  });
});
