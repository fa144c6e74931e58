import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../../src/lib/cleanup.ts';
import { smtp } from '../support/e2e/client.ts';
import { compile, Daemon } from '../support/e2e/daemon.ts';
import { CLIENTS, Hosts, inside } from '../support/e2e/hosts.ts';
import { Postfix } from '../support/e2e/postfix.ts';
import { until } from '../support/until.ts';
import { root } from '../support/privileges.ts';

const TRAP = 'spamtrap@example.com';
const USER = 'user@example.com';

/** The ban time. It is long enough for all checks during a ban, even on a busy machine. */
const BANTIME = '10s';

describe.runIf(root)('a real Postfix, the daemon and a real firewall', { timeout: 120_000 }, () => {
  const cleanup = new Cleanup();
  let hosts: Hosts;
  let daemon: Daemon;

  const from = (client: keyof typeof CLIENTS, mail?: { helo?: string; from?: string; to?: string }): Promise<string> =>
    smtp(hosts.clients, CLIENTS[client], mail);

  /** Sends a mail to the trap. Postfix logs the hit before the session ends, so the ban may cut the session short. */
  const mailTrap = async (client: keyof typeof CLIENTS, mail?: { helo: string; from: string }): Promise<void> => {
    expect(await from(client, { ...mail, to: TRAP })).toMatch(/^(?:ok|blocked)/);
  };

  const lockedOut = (client: keyof typeof CLIENTS) => async (): Promise<boolean> => (await from(client)).startsWith('blocked');

  const letIn = (client: keyof typeof CLIENTS) => async (): Promise<boolean> => (await from(client)) === 'ok';

  beforeAll(async () => {
    compile();
    hosts = new Hosts();
    cleanup.add('hosts', () => hosts.remove());
    const postfix = new Postfix(hosts.server);
    cleanup.add('Postfix', () => postfix.stop());
    daemon = new Daemon(hosts.server, `sources: [{ type: file, path: ${postfix.log} }]\ndefaults: { bantime: ${BANTIME} }\n`);
    cleanup.add('daemon', () => daemon.stop());
    await daemon.ready();
  }, 120_000);

  afterAll(async () => {
    const faults: string[] = [];
    await cleanup.run(60_000, (name, thrown) => faults.push(`${name}: ${String(thrown)}`));
    if (faults.length > 0) throw new Error(faults.join('; '));
  }, 70_000);

  it.concurrent.each([
    { family: 'IPv4', spammer: 'spammer4', neighbour: 'neighbour4' },
    { family: 'IPv6', spammer: 'spammer6', neighbour: 'neighbour6' },
  ] as const)('lock out a client after a mail to the trap until the ban ends, but not its neighbour ($family)', async (who) => {
    expect(await from(who.spammer, { to: USER })).toBe('ok');
    await mailTrap(who.spammer);
    await until('the spammer is locked out', lockedOut(who.spammer));
    expect(await from(who.neighbour, { to: USER })).toBe('ok');
    await until('the spammer is let in again', letIn(who.spammer), 40_000);
    expect(await from(who.spammer, { to: USER })).toBe('ok');
  });

  it('lock out the whole /64 of an IPv6 client', async () => {
    await mailTrap('cousin6');
    await until('the /64 is banned', async () => (await daemon.bans()).includes('2001:db8:10::/64'));
    await until('another address of the /64 is locked out', lockedOut('spammer6'));
    expect(await from('neighbour6')).toBe('ok');
  });

  it('ban a client that mails a trap, and no address that the client writes into HELO, sender or recipient', async () => {
    const forged = `x[${CLIENTS.neighbour4}]: <spamtrap>: Recipient address triggers spamtrap; from=<a> to=<b>`;
    const mail = { helo: `[${CLIENTS.neighbour4}]`, from: `"${forged}"@example.org` };
    expect(await from('honest4', { ...mail, to: `"${forged}"@example.com` })).toBe('ok');
    await mailTrap('forger4', mail);
    await until('the forger is banned', async () => (await daemon.bans()).includes(CLIENTS.forger4));
    expect(await daemon.bans()).not.toContain(CLIENTS.neighbour4);
    expect(await daemon.bans()).not.toContain(CLIENTS.honest4);
    expect(await from('neighbour4', { to: USER })).toBe('ok');
    expect(await from('honest4', { to: USER })).toBe('ok');
  });

  it('ban and unban by hand', async () => {
    await daemon.command('ban', CLIENTS.neighbour4, '--for', '1h', '--reason', 'trial');
    await until('the client is locked out', lockedOut('neighbour4'));
    expect(await daemon.bans()).toContain(CLIENTS.neighbour4);
    await daemon.command('unban', CLIENTS.neighbour4);
    await until('the client is let in again', letIn('neighbour4'));
    expect(await daemon.bans()).not.toContain(CLIENTS.neighbour4);
  });

  it('B15: leave bans in the firewall when the daemon is stopped', async () => {
    await daemon.command('ban', CLIENTS.neighbour6, '--for', '1h');
    await until('the client is locked out', lockedOut('neighbour6'));
    expect(await daemon.stop()).toBe(0);
    expect(await from('neighbour6')).toMatch(/^blocked/);
    const [file, ...args] = inside(hosts.server, 'nft', 'list', 'ruleset');
    expect(execFileSync(file, args, { encoding: 'utf8' })).toContain('2001:db8:11:');
  });
});
