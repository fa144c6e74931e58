import { hostname } from 'node:os';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { statusText } from '../../../src/cli/commands/status.ts';
import { serveControl } from '../../../src/control/serve.ts';
import type { Status } from '../../../src/words/desk.ts';
import { scratchPlace, trapline, type Ran } from '../../support/cli/command-line.ts';
import { keptLog, memoryDesk, STATUS } from '../../support/control/desk.ts';

const [WELL = { name: '', state: 'ok', works: true, blocks: true, owed: 0, lastError: null, since: null, drift: 0 } as const] =
  STATUS.actions;

const NOW = Date.parse(STATUS.since) + 5_400_000;

describe('the status text', () => {
  it('begins with the state, then has version, process, age and counts', () => {
    const [state, head] = statusText({ ...STATUS, bans: 1, hits: 2 }, NOW).split('\n');
    expect(state).toBe('working  mx1.example.org  trapline 0.1.0');
    expect(head).toBe(`up 1h 30m, process ${process.pid}, 1 ban in force, 2 hits on record`);
  });

  it('A2: does not count bans as in force that a firewall owes', () => {
    const failing = { ...WELL, state: 'failing', works: false, owed: 3, lastError: 'nft: no permission' } as const;
    expect(statusText({ ...STATUS, bans: 4, actions: [failing] }, NOW)).toContain(
      ', 4 bans recorded, NOT in force: 3, 0 hits on record\n',
    );
    expect(statusText({ ...STATUS, bans: 4, actions: [{ ...failing, blocks: false }] }, NOW)).toContain(', 4 bans in force, ');
  });

  it('has a table of sources, a table of jails and a table of actions', () => {
    const text = statusText(STATUS, NOW);
    expect(text).toMatch(/^SOURCE +STATE +LINES +BYTES\nfile:\/var\/log\/mail\.log +following +12 +3456$/m);
    expect(text).toMatch(/^JAIL +FILTER +HITS +BANS +SPARED +RULES\nspamtrap +postfix-spamtrap +0 +0 +0 +recipient$/m);
    expect(text).toMatch(/^ACTION +STATE +OWED +DRIFT +LAST ERROR\nnftables +ok +0 +0 +-$/m);
  });

  it('shows the number of pending changes of a firewall, and its last error', () => {
    const failing = {
      name: 'nftables',
      blocks: true,
      since: null,
      state: 'failing',
      works: false,
      owed: 3,
      lastError: 'nft: no permission',
      drift: 1,
    } as const;
    expect(statusText({ ...STATUS, actions: [failing] }, NOW)).toMatch(/^nftables +failing +3 +1 +nft: no permission$/m);
  });

  it('shows a rule that is set aside, with the reason', () => {
    const [jail] = STATUS.jails;
    const rules = [
      { name: 'recipient', setAside: null },
      { name: 'mine', setAside: 'too slow' },
    ];
    expect(statusText({ ...STATUS, jails: jail ? [{ ...jail, rules }] : [] }, NOW)).toContain(
      'recipient, mine (set aside: too slow)',
    );
  });

  it('shows a jail that is stopped, with the reason', () => {
    const [jail] = STATUS.jails;
    const text = statusText({ ...STATUS, jails: jail ? [{ ...jail, stopped: 'mine.yaml:5:24: variable piece' }] : [] }, NOW);
    expect(text).toMatch(/^spamtrap +postfix-spamtrap +0 +0 +0 +stopped$/m);
    expect(text).toMatch(/^jail "spamtrap" is stopped: mine\.yaml:5:24: variable piece$/m);
    expect(statusText(STATUS, NOW)).not.toContain('stopped');
  });

  it('shows the number of unwritten hits while the ledger cannot be written', () => {
    expect(statusText(STATUS, NOW)).not.toContain('cannot be written');
    expect(statusText({ ...STATUS, unwritten: 1200 }, NOW)).toContain('cannot be written: 1200 hits kept in memory');
  });

  it('shows the path of the configuration file, or "built in"', () => {
    expect(statusText(STATUS, NOW)).toContain('configuration: built in\n');
    expect(statusText({ ...STATUS, config: '/etc/trapline/trapline.yaml' }, NOW)).toContain('/etc/trapline/trapline.yaml');
  });

  it('N018: shows the near misses of each source, with the reason and the first line', () => {
    const nearMisses = [{ kind: 'prefix', reason: 'what stands before it', count: 3, line: 'weird \u001b[31m' }];
    const sources = [{ name: 'file:/var/log/mail.log', state: 'reading', lines: 9, bytes: 99, nearMisses }];
    expect(statusText({ ...STATUS, sources }, NOW)).toContain(
      '\n\nfile:/var/log/mail.log: 3 near misses: what stands before it\n  first line: weird \\u{1b}[31m\n\n',
    );
    expect(statusText(STATUS, NOW)).not.toContain('near miss');
  });

  it('shows at most ten bans that have no effect, and none when an older daemon does not report them', () => {
    const one = { network: '192.0.2.7', jail: 'spamtrap', since: STATUS.since, hits: 12, because: 'nftables holds it\u001b[2J' };
    expect(statusText({ ...STATUS, ineffective: [one] }, NOW)).toMatch(
      /\n\nban of 192\.0\.2\.7 \(spamtrap\) has no effect, 12 hits since 2026-11-25T00:00:00\.000Z: nftables holds it\\u\{1b\}\[2J$/,
    );
    const many = statusText({ ...STATUS, ineffective: Array.from({ length: 12 }, () => one) }, NOW);
    expect(many.split('\n').filter((line) => line.startsWith('ban of '))).toHaveLength(10);
    expect(many).toMatch(/\n2 more bans have no effect, see "trapline status --json"$/);
    const { ineffective: _, ...older } = STATUS;
    expect(statusText(older as typeof STATUS, NOW)).toBe(statusText(STATUS, NOW));
  });
});

describe('trapline status', () => {
  const place = scratchPlace();
  const servers: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  afterAll(() => place.remove());

  /** Runs `trapline status` with a daemon that has this status. */
  async function statusOf(change: Partial<Status>, ...flags: string[]): Promise<Ran> {
    const desk = memoryDesk({ status: () => ({ ...STATUS, ...change }) });
    const group = String(process.getgid?.() ?? 0);
    servers.push(await serveControl(desk, { socket: place.at('socket'), mode: 0o600, group }, keptLog().log));
    return trapline(['status', '--socket', place.at('socket'), ...flags]);
  }

  const failing = { actions: [{ ...WELL, state: 'failing', works: false, owed: 3, lastError: 'nft: no' }] } as const;
  const waiting = { sources: [{ name: 'journal', state: 'polling', lines: 0, bytes: 0, fault: 'x: does not exist yet' }] };

  it.each([
    ['working', {}, 0],
    ['working, but', waiting, 0],
    ['NOT WORKING', failing, 69],
  ])('begins with "%s", has this word in its JSON, and ends with the exit code', async (word, change, code) => {
    const ran = await statusOf(change);
    expect([ran.code, ran.err]).toEqual([code, '']);
    expect(ran.out.startsWith(`${word}  mx1.example.org`)).toBe(true);
    const asJson = await trapline(['status', '--socket', place.at('socket'), '--json']);
    expect(asJson.code).toBe(code);
    expect(JSON.parse(asJson.out)).toMatchObject({ state: word, host: 'mx1.example.org', version: '0.1.0' });
  });

  it('prints nothing with --quiet', async () => {
    expect(await statusOf(failing, '--quiet')).toEqual({ code: 69, out: '', err: '' });
    const [jail] = STATUS.jails;
    await Promise.all(servers.splice(0).map((server) => server.close()));
    expect(await statusOf({ jails: jail ? [{ ...jail, stopped: 'fault' }] : [] }, '--quiet')).toEqual({
      code: 78,
      out: '',
      err: '',
    });
  });

  it('is NOT WORKING when no daemon answers, in JSON too', async () => {
    const socket = place.at('none.sock');
    const ran = await trapline(['status', '--socket', socket]);
    expect([ran.code, ran.err]).toEqual([69, '']);
    expect(ran.out).toBe(
      `NOT WORKING  ${hostname()}: no daemon answers on ${socket}\nwhat to do: "systemctl start trapline" or "trapline run"; if it ends again, see "journalctl -u trapline"\n`,
    );
    const asJson = await trapline(['status', '--socket', socket, '--json']);
    expect([asJson.code, asJson.err]).toEqual([69, '']);
    expect(JSON.parse(asJson.out)).toMatchObject({ state: 'NOT WORKING', because: [`no daemon answers on ${socket}`] });
  });
});
