import { describe, expect, it } from 'vitest';
import { CLIENTS } from '../support/e2e/hosts.ts';
import { until } from '../support/until.ts';
import { CONFIG, USER, useMailServer } from '../support/system/mail-server.ts';

/** Shorter limits for these tests. systemd counts a stop that takes more than two seconds as a failure, and its watchdog acts soon. */
const IMPATIENT = '[Service]\nTimeoutStopSec=2s\nWatchdogSec=5s\n';

/** The message for a configuration with a fault. */
const FAULT = `${CONFIG}:3:3: unknown key "bantme"`;

describe('the daemon under systemd', () => {
  const server = useMailServer('');

  const restarted = (before: string) => async (): Promise<boolean> =>
    (await server.unit('ActiveState')) === 'active' && (await server.unit('MainPID')) !== before;

  /** The number of recorded hits of one client. */
  const hits = async (client: keyof typeof CLIENTS): Promise<number> =>
    Number((await server.ledger(`SELECT count(*) FROM hits WHERE address = '${CLIENTS[client]}'`))[0]);

  it('stops within two seconds and leaves the bans in the firewall', async () => {
    server.write('/etc/systemd/system/trapline.service.d/impatient.conf', IMPATIENT);
    await server.must('systemctl', 'daemon-reload');
    await server.must('systemctl', 'restart', 'trapline');
    await server.hit('spammer4');
    await server.lockedOut('spammer4');
    await server.must('systemctl', 'stop', 'trapline');
    expect(await server.unit('Result')).toBe('success');
    expect(await server.letsIn('spammer4')).toBe(false);
    expect(await server.firewall()).toContain(CLIENTS.spammer4);
  });

  it('keeps every ban over a restart, and reads the lines that were written while it was stopped', async () => {
    await server.hit('forger4');
    await server.must('systemctl', 'start', 'trapline');
    await server.lockedOut('forger4');
    const bans = await server.bans();
    expect(Object.keys(bans).toSorted()).toEqual([CLIENTS.spammer4, CLIENTS.forger4]);
    await server.must('systemctl', 'restart', 'trapline');
    expect(await server.bans()).toEqual(bans);
    expect(await server.letsIn('spammer4')).toBe(false);
    expect(await server.letsIn('neighbour4')).toBe(true);
  });

  it('is started again after kill -9, and counts each hit once', async () => {
    const [pid, bans] = [await server.unit('MainPID'), await server.bans()];
    await server.must('kill', '-KILL', pid);
    await server.hit('spammer6');
    await until('the daemon is started again', restarted(pid));
    await server.lockedOut('spammer6');
    expect(await server.bans()).toMatchObject(bans);
    expect(await Promise.all((['spammer4', 'forger4', 'spammer6'] as const).map(hits))).toEqual([1, 1, 1]);
    expect(await server.unit('NRestarts')).toBe('1');
  });

  it('is killed by the watchdog when it hangs, and is then started again', async () => {
    const [pid, bans] = [await server.unit('MainPID'), await server.bans()];
    await server.must('kill', '-STOP', pid);
    await until('the daemon is started again', restarted(pid), 60_000);
    expect(await server.must('journalctl', '--quiet', '--output=cat', '--unit=trapline')).toContain('Watchdog timeout');
    expect(await server.bans()).toEqual(bans);
    expect(await server.letsIn('spammer4')).toBe(false);
  });

  it('is not killed by the watchdog while it works', async () => {
    const pid = await server.unit('MainPID');
    const started = Date.now();
    await until('twice the time of the watchdog is over', () => Date.now() - started > 10_000);
    expect(await server.unit('MainPID')).toBe(pid);
  });

  it('applies a changed configuration at a reload', async () => {
    const pid = await server.unit('MainPID');
    server.write(CONFIG, `defaults: { ignoreip: [${CLIENTS.spammer4}] }\n`);
    await server.must('systemctl', 'reload', 'trapline');
    await server.letIn('spammer4');
    expect(Object.keys(await server.bans())).not.toContain(CLIENTS.spammer4);
    expect(await server.letsIn('forger4')).toBe(false);
    expect(await server.unit('MainPID')).toBe(pid);
  });

  it('keeps its configuration when the new configuration is broken, and logs the place of the fault', async () => {
    const pid = await server.unit('MainPID');
    server.write(CONFIG, `defaults:\n  ignoreip: []\n  bantme: 1h\n`);
    expect(await server.machine.run('systemctl', 'reload', 'trapline')).toMatchObject({ code: 1 });
    expect(await server.said()).toContain(FAULT);
    await server.must('kill', '-HUP', pid);
    await until('a signal leads to the message in the journal', async () => (await server.said()).split(FAULT).length > 2);
    expect(await server.unit('MainPID')).toBe(pid);
    expect(await server.mail('spammer4', USER)).toBe('ok');
    await server.hit('cousin6');
    expect(await server.letsIn('forger4')).toBe(false);
  });

  it('does not start with a broken configuration, and logs the place of the fault', async () => {
    const told = (await server.said()).split(FAULT).length;
    expect(await server.machine.run('systemctl', 'restart', 'trapline')).toMatchObject({ code: 1 });
    expect(await server.unit('ActiveState')).toBe('failed');
    expect((await server.said()).split(FAULT)).toHaveLength(told + 1);
    expect(await server.letsIn('forger4')).toBe(false);
    server.write(CONFIG, '');
    await server.must('systemctl', 'reset-failed', 'trapline');
    await server.must('systemctl', 'restart', 'trapline');
    expect(Object.keys(await server.bans())).toContain(CLIENTS.forger4);
  });
});
