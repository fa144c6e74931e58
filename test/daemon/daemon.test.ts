import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callerOf } from '../../src/cli/caller.ts';
import { callControl } from '../../src/control/call.ts';
import type { Hit } from '../../src/words/walk.ts';
import { hit as newHit } from '../support/decision/words.ts';
import type { BanRow, Status } from '../../src/words/desk.ts';
import { until } from '../support/until.ts';
import { hitLine } from '../support/filters/lines.ts';
import { InnerDaemon } from '../support/hostile/daemon.ts';

const run = promisify(execFile);

let daemon: InnerDaemon;
beforeEach(() => {
  daemon = new InnerDaemon();
});
afterEach(() => daemon.end());

/** A line with a hit at the present time. */
const hit = (client: string, words = 'triggers spamtrap'): string => {
  const line = hitLine({ client: `unknown[${client}]` }).replace('triggers spamtrap', words);
  return `${new Date().toISOString()}${line.slice('Jun  1 10:00:00'.length)}\n`;
};

const bans = async (): Promise<readonly string[]> =>
  (JSON.parse((await daemon.command('bans', '--json')).out) as readonly BanRow[]).map(({ network }) => network);

const banned = (client: string) => (): boolean => daemon.printed.join('').includes(`would ban ${client} `);

async function* bunches(...some: readonly (readonly Hit[])[]): AsyncGenerator<readonly Hit[]> {
  yield* some;
}

/** The local date some hours ago, without an offset from UTC. */
const localDate = (hours: number): string =>
  new Date(Date.now() - hours * 3_600_000 - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 19);

const hundred = Array.from({ length: 100 }, (_, index) => `198.51.100.${index + 1}`);

describe('a reload', () => {
  it('K07: with 100 bans and a changed rule lifts no ban, not even for a moment', async () => {
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

  it('K07: with a faulty configuration is refused with the place of the fault, and the running configuration stays in force', async () => {
    await daemon.start();
    await daemon.command('ban', ...hundred);
    for (const bad of ['bantim: 1h\n', 'jails: {a: {filter: none}}\n', 'defaults: {ignoreip: [/none]}\n', 'jails: [\n']) {
      daemon.configure(bad);
      const { code, out, err } = await daemon.command('reload', '--socket', daemon.socket);
      expect([code, out]).toEqual([78, '']);
      expect(err).toMatch(/^trapline: .*trapline\.yaml:\d+:\d+: .+\n$/);
    }
    daemon.write(hit('203.0.113.7'));
    await until('a hit by the old rule', banned('203.0.113.7'));
    daemon.configure('actions: [print]\n');
    expect(await bans()).toHaveLength(101);
  });
});

describe('a running daemon', () => {
  it('R08: writes no log file of its own, and writes a new ledger with all rows when the ledger is moved away', async () => {
    await daemon.start();
    daemon.write(hit('203.0.113.7'));
    await until('a ban', banned('203.0.113.7'));
    const ledger = ['', '-lock', '-shm', '-wal'].map((end) => `trapline.db${end}`);
    const files = ['control.sock', 'mail.log', ...ledger, 'trapline.yaml'];
    expect(readdirSync(daemon.folder).toSorted()).toEqual(files);
    for (const end of ['', '-wal', '-shm']) renameSync(daemon.at(`trapline.db${end}`), daemon.at(`trapline.db.1${end}`));
    daemon.write(hit('203.0.113.8'));
    await until('another ban', banned('203.0.113.8'));
    expect(await bans()).toEqual(expect.arrayContaining(['203.0.113.7', '203.0.113.8']));
    expect(daemon.printed.join('')).not.toContain('unban');
    expect(execFileSync('sqlite3', [daemon.at('trapline.db'), 'SELECT address FROM hits'], { encoding: 'utf8' })).toBe(
      '203.0.113.7\n203.0.113.8\n',
    );
  });

  it('N010: does not ban a client whose ban would be over when its line is read, and logs this', async () => {
    await daemon.start();
    const late = new Date(Date.now() - 2 * 3_600_000).toISOString();
    daemon.write(hit('203.0.113.7').replace(/^\S+/, late));
    daemon.write(hit('203.0.113.8'));
    await until('the ban of the second client', banned('203.0.113.8'));
    const said = daemon.said.join('\n');
    expect(said).toMatch(/spamtrap: 203\.0\.113\.7 already over, not banned: the ban of 1h ended at \S+: rule recipient/);
    expect([said.includes('ban 203.0.113.7 for'), await bans()]).toEqual([false, ['203.0.113.8']]);
  });

  it('N010: bans for the full time when the writer of its log is two hours off, logs this once, and shows it', async () => {
    await daemon.start();
    const west = new Date().getTimezoneOffset() + 120;
    const zone = `XXX${west < 0 ? '-' : ''}${Math.floor(Math.abs(west) / 60)}:${Math.abs(west) % 60}`;
    const message = hitLine().slice('Jun  1 10:00:00'.length);
    const clients = Array.from({ length: 5 }, (_, index) => `203.0.113.${index + 1}`);
    for (const client of clients) {
      const line = message.replace('192.0.2.10', client);
      const script = 'echo "$(date "+%b %e %H:%M:%S")$1" >> "$2"';
      await run('sh', ['-c', script, 'sh', line, daemon.mailLog], { env: { ...process.env, TZ: zone, LC_ALL: 'C' } });
      await until('a ban', banned(client));
    }
    const rows = JSON.parse((await daemon.command('bans', '--json')).out) as readonly BanRow[];
    expect(rows.map(({ network }) => network).toSorted()).toEqual(clients);
    for (const { since, until: end } of rows) {
      expect(Math.abs(Date.parse(since) - Date.now())).toBeLessThan(600_000);
      expect(Date.parse(end ?? '') - Date.parse(since)).toBe(3_600_000);
    }
    const notices = daemon.said.filter((line) => line.includes('dates its new lines'));
    expect(notices).toEqual([expect.stringContaining(`file:${daemon.mailLog}: "mx1 postfix/smtpd" dates its new lines 2h behind`)]);
    expect((await daemon.command('status')).out).toContain(
      'following 1 file; dates in another time zone: "mx1 postfix/smtpd" by -02:00',
    );
    const { sources } = JSON.parse((await daemon.command('status', '--json')).out) as Status;
    expect(sources[0]?.zones).toEqual([{ writer: 'mx1 postfix/smtpd', offset: '-02:00' }]);
    expect(daemon.said.join('\n')).not.toContain('already over');
  });

  it('N010: does not take the lines of a backlog for new ones', async () => {
    await daemon.start();
    daemon.write(hit('203.0.113.7'));
    await until('the ban of the first client', banned('203.0.113.7'));
    const backlog = Array.from({ length: 9 }, (_, index) =>
      hit(`203.0.113.${index + 11}`).replace(/^\S+/, localDate(2 + index / 3)),
    );
    daemon.write(backlog.join('') + hit('203.0.113.8'));
    await until('the ban of the last client', banned('203.0.113.8'));
    expect((await bans()).toSorted()).toEqual(['203.0.113.7', '203.0.113.8']);
  });

  it.each([
    ['keeps a date that is an hour ahead', (): number => Date.now() + 3_600_000, 3_600_000],
    ['counts a date that is half a year ahead as now', (): number => Date.now() + 180 * 86_400_000, 0],
    ['counts a date of the year 9999 as now', (): number => Date.parse('9999-12-31T23:59:59Z'), 0],
    ['counts the latest possible date as now', (): number => 8.64e15, 0],
  ])('%s (POST /v1/hits)', async (_, at, ahead) => {
    await daemon.start();
    for (const [index, fromNow] of [false, true].entries()) {
      const sent = { ...newHit(`203.0.113.${index + 1}`), at: at() };
      const { set } = await callControl(daemon.socket).judge(bunches([sent]), { fromNow });
      const [row] = set;
      expect(Date.parse(row?.until ?? '') - Date.parse(row?.since ?? '')).toBe(3_600_000);
      expect(Math.abs(Date.parse(row?.since ?? '') - Date.now() - (fromNow ? 0 : ahead))).toBeLessThan(600_000);
    }
    expect(await bans()).toHaveLength(2);
  });

  it('B09: ends each of a hundred bans while more hits arrive', async () => {
    await daemon.start('actions: [print]\nlog_level: notice\n');
    await daemon.command('ban', ...hundred, '--for', '1s');
    const ended = (): number => daemon.printed.join('').split('would unban').length - 1;
    let written = 0;
    await until('all bans have ended', () => {
      const lines = Array.from({ length: 2000 }, (_, index) => hit(`10.${(written >> 8) & 255}.${written & 255}.${index & 255}`));
      daemon.write(lines.join(''));
      written += 1;
      return ended() >= 100;
    });
    expect(written).toBeGreaterThan(1);
    expect(await bans()).not.toContain('198.51.100.1');
  });

  it('refuses a second daemon on its socket before the second daemon changes anything', async () => {
    await daemon.start();
    const { code, err } = await daemon.command('run', '--state', daemon.at('second.db'));
    expect([code, err]).toEqual([69, expect.stringMatching(/^trapline: .*another daemon answers on this socket, stop it first/)]);
    expect(existsSync(daemon.at('second.db'))).toBe(false);
  });

  it('S05: gives readers a socket of their own', async () => {
    await daemon.start(
      `actions: [print]\ncontrol: {socket: ${daemon.socket}, readers: '0', readers_socket: ${daemon.at('status.sock')}}\n`,
    );
    const reader = ['--socket', daemon.at('status.sock')];
    expect((await daemon.command('status', ...reader)).code).toBe(0);
    expect(await daemon.command('ban', '192.0.2.7', ...reader)).toEqual({
      code: 77,
      out: '',
      err: 'trapline: "POST" is not for readers, this socket answers GET only; nothing was changed\n',
    });
    expect(await bans()).toEqual([]);
    await daemon.end();
    expect(existsSync(daemon.at('status.sock'))).toBe(false);
  });
});

describe('the log of a daemon', () => {
  it('C10: has one line about a start: the sources, the firewall and the number of bans', async () => {
    await daemon.start();
    const start = (): readonly string[] => daemon.said.filter((line) => line.includes(' started: '));
    const follows = `trapline 0.1.0 started: follows file:${daemon.mailLog}, bans in print`;
    expect(start()).toEqual([`${follows}, 0 bans in force`]);
    await daemon.command('ban', '203.0.113.7');
    await daemon.restart();
    expect(start()).toEqual([`${follows}, 0 bans in force`, `${follows}, 1 ban in force`]);
  });

  it('A4: has bans and unbans by hand with the reason and with the user whom the client names', async () => {
    await daemon.start();
    await daemon.command('ban', '203.0.113.7', '--for', '2h', '--reason', 'guessed\u001b passwords');
    await daemon.command('unban', '203.0.113.7', '--forgive');
    const who = `asked by "${callerOf({ environment: {} })}"`;
    await until('both lines', () => daemon.said.some((line) => line.includes('manual: unban')));
    expect(daemon.said.filter((line) => line.includes('manual: '))).toEqual([
      `manual: ban 203.0.113.7 for 2h by hand, ${who}: guessed\\u{1b} passwords`,
      `manual: unban 203.0.113.7: by hand, ${who}, past offences forgotten`,
    ]);
  });
});

describe('near misses', () => {
  it('N018: are counted for each source and shown by status, and the first one of each reason is logged', async () => {
    await daemon.start();
    const unknown = (client: string): string => `weird | ${hit(client)}`;
    daemon.write(unknown('203.0.113.1') + unknown('203.0.113.2') + hit('203.0.113.3', 'spamtrap') + hit('203.0.113.4'));
    await until('the hit', banned('203.0.113.4'));
    daemon.write(unknown('203.0.113.5') + hit('203.0.113.6'));
    await until('the next hit', banned('203.0.113.6'));
    const { sources } = JSON.parse((await daemon.command('status', '--json')).out) as Status;
    const first = expect.stringMatching(
      / mx1 postfix\/smtpd\[4711\]: NOQUEUE: discard: RCPT from unknown\[203\.0\.113\.[13]\]/,
    ) as unknown;
    expect(sources[0]?.nearMisses).toEqual([
      { kind: 'prefix', reason: 'the log prefix before the message is unknown', count: 3, line: first },
      { kind: 'text', reason: 'the table has "spamtrap", the filter looks for "triggers spamtrap"', count: 1, line: first },
    ]);
    const notices = daemon.said.filter((line) => line.includes('words of a trap'));
    expect(notices).toHaveLength(2);
    expect(notices[0]).toMatch(
      /file:.*: a line with the words of a trap is no hit: the log prefix before the message is unknown; "trapline status" counts such lines; the first is: weird \| .*203\.0\.113\.1/,
    );
  });
});
