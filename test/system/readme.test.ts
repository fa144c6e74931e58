import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS } from '../support/e2e/hosts.ts';
import { DEBIAN, makeMailServer, removeUnnamedPackages } from '../support/system/bare.ts';
import { MailServer, TRAP, USER } from '../support/system/mail-server.ts';
import { cloneTo, fetchForCompiling, lendCache } from '../support/system/packages.ts';
import { blocksBelow, commandsOf, readme } from '../support/system/readme.ts';
import { Shell } from '../support/system/shell.ts';

/** The folder of the checkout on the machine. */
const FOLDER = '/root/checkout of trapline';

/** Files that the README names as staying, and files that a running Debian makes and removes by itself. */
const STAYING = [
  FOLDER,
  '/root/.npm',
  '/var/log/journal',
  '/run/log/journal',
  '/run/systemd',
  '/var/lib/systemd',
  '/var/spool/postfix',
  '/var/mail',
  '/var/lib/postfix',
];

describe('the README, with all of its commands in one shell, on a Debian that has only what it names', () => {
  const server = new MailServer(DEBIAN);
  const { machine } = server;
  const followed: string[] = [];
  let shell: Shell;
  let before: Awaited<ReturnType<typeof state>>;

  /** The files of the machine, the contents of /etc without its backups, and the rules of the firewall. */
  const state = async (): Promise<{ files: string[]; etc: string; firewall: string }> => ({
    files: (await machine.must('find', '/', '/run', '/tmp', '/dev/shm', '-xdev')).split('\n').filter(isKept),
    etc: await machine.must('sh', '-c', "find /etc -type f -not -name '*-' -exec sha256sum {} + | sort"),
    firewall: await server.firewall(),
  });

  /** Runs the commands below a heading as a person types them. Returns their outputs. */
  const run = async (heading: string): Promise<readonly string[]> => {
    const outputs: string[] = [];
    for (const command of blocksBelow(heading).flatMap(commandsOf)) outputs.push(await shell.run(command));
    expect(shell.folder).toBe(FOLDER);
    return outputs;
  };

  /** Runs the commands below a heading, which must be the next heading of the README. */
  const follow = (heading: string): Promise<readonly string[]> => {
    followed.push(readme()[followed.length]?.heading ?? 'no further heading');
    expect(followed.at(-1)).toMatch(new RegExp(`^${heading}`));
    return run(heading);
  };

  beforeAll(async () => {
    fetchForCompiling();
    makeMailServer(machine.disk);
    removeUnnamedPackages(machine.disk);
    cloneTo(join(machine.disk, FOLDER));
    execFileSync('chown', ['--recursive', 'root:root', join(machine.disk, FOLDER)]);
    const environment = lendCache(machine.disk);
    await machine.start();
    shell = new Shell(machine, FOLDER, environment);
    // Even with this umask, all commands of the README work.
    await shell.run('umask 077');
    before = await state();
  });
  afterAll(async () => {
    await shell.close();
    await server.remove();
  });

  it('runs the demonstration', async () => {
    const [output = ''] = await follow('Try it');
    expect(output).toContain('installing packages (npm ci)');
    expect(output).toMatch(/13 unbans\n.*in nftables at once/);
  });

  it('1. sets a trap, and Postfix discards the mails to it', async () => {
    await follow('1. Set a trap');
    expect(await server.mail('forger4', TRAP)).toBe('ok');
    expect(await server.mail('neighbour4', USER)).toBe('ok');
  });

  it('2. installs Trapline without a second installation of packages, and without a second compilation', async () => {
    const [, packed = 'none'] = await follow('2. Install');
    expect(packed).not.toMatch(/npm ci|compiling|notice|warn/i);
    expect(await server.must('sh', '-c', 'stat --format=%U:%G%a /etc/trapline')).toBe('root:root755\n');
  });

  it('2. installs a unit whose documents can be read', async () => {
    const documents = (await server.unit('Documentation')).split(' ');
    expect(documents.length).toBeGreaterThan(1);
    for (const url of documents) expect(await server.must('cat', url.replace('file://', ''))).toContain('Trapline');
  });

  it('3. shows the bans that the mails so far would lead to, and starts the daemon', async () => {
    const [, dryRun] = await follow('3. Start the daemon');
    expect(dryRun).toContain(CLIENTS.forger4);
    expect(await server.unit('ActiveState')).toBe('active');
    expect(await server.letsIn('forger4')).toBe(true);
  });

  it('3. bans the clients that mail the trap, and no other client', async () => {
    for (const spammer of ['spammer4', 'spammer6'] as const) {
      await server.hit(spammer);
      await server.lockedOut(spammer);
    }
    expect(await server.letsIn('cousin6')).toBe(false);
    for (const neighbour of ['neighbour4', 'neighbour6'] as const) expect(await server.mail(neighbour, USER)).toBe('ok');
  });

  it('4. shows the state of the daemon', async () => {
    const [status = '', bans, journal, firewall] = await follow('4. Look at the state');
    expect(status.trim()).toMatch(/^working\b/);
    for (const output of [bans, journal, firewall]) expect(output).toContain(CLIENTS.spammer4);
  });

  it('5. bans the clients of old mails', async () => {
    await follow('5. Read old logs');
    await server.lockedOut('forger4');
    expect(Object.keys(await server.bans())).toContain(CLIENTS.forger4);
  });

  it('6. bans and unbans by hand', async () => {
    await follow('6. Ban and unban');
    const bans = Object.keys(await server.bans());
    expect(bans).toEqual(expect.arrayContaining(['203.0.113.7', '2001:db8:bad::/48']));
    expect(bans).not.toContain('198.51.100.0/24');
  });

  it('7. ends the ban of an address that it allows', async () => {
    await server.must('trapline', 'ban', '192.0.2.77');
    await follow('7. Allow');
    expect(Object.keys(await server.bans())).not.toContain('192.0.2.77');
  });

  it('8. upgrades while all bans stay in force', async () => {
    const [pid, bans] = [await server.unit('MainPID'), await server.bans()];
    await run('2. Install');
    const [, status = ''] = await follow('8. Upgrade');
    expect(status.trim()).toMatch(/^working\b/);
    expect(await server.unit('MainPID')).not.toBe(pid);
    expect(await server.bans()).toEqual(bans);
    expect(await server.letsIn('spammer4')).toBe(false);
  });

  it('9. removes everything that it does not name as staying', async () => {
    await server.must('usermod', '--append', '--groups', 'trapline', 'user');
    server.write('/etc/systemd/system/trapline.service.d/override.conf', '[Service]\nNice=5\n');
    await follow('9. Remove Trapline');
    const after = await state();
    expect(after.files.filter((path) => !before.files.includes(path))).toEqual([]);
    expect(after.etc).toBe(before.etc);
    expect(after.firewall).toBe(before.firewall);
    expect(await machine.must('find', '/', '/run', '-xdev', '(', '-nouser', '-o', '-nogroup', ')')).toBe('');
    expect(await server.unit('LoadState')).toBe('not-found');
    expect(await server.mail('spammer4', USER)).toBe('ok');
    expect(await server.mail('spammer4', TRAP)).toMatch(/^refused/);
  });

  it('has no further commands', () => {
    expect(followed).toEqual(readme().map(({ heading }) => heading));
  });
});

function isKept(path: string): boolean {
  return !STAYING.some((each) => path === each || path.startsWith(`${each}/`));
}
