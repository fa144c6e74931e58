import { describe, expect, it } from 'vitest';
import { CLIENTS } from '../support/e2e/hosts.ts';
import { TRAP, useMailServer } from '../support/system/mail-server.ts';

describe('a mail server that is shut down or loses power', () => {
  const server = useMailServer('');

  /** The client of each trap line that Postfix has written. */
  const caught = async (): Promise<string[]> => {
    const lines = await server.must('journalctl', '--quiet', '--output=cat', '--merge', '--grep=triggers spamtrap', '_COMM=smtpd');
    return [...lines.matchAll(/RCPT from unknown\[([^\]]+)\]/g)].map(([, address = '']) => address).toSorted();
  };

  const onRecord = async (): Promise<string[]> => (await server.ledger('SELECT address FROM hits')).toSorted();

  it('has every ban again after a reboot, although nftables.service flushes all rules at its start', async () => {
    await server.must('systemctl', 'enable', 'nftables');
    await server.hit('spammer4');
    await server.hit('spammer6');
    await server.lockedOut('spammer4');
    await server.lockedOut('spammer6');
    const bans = await server.bans();
    await server.machine.reboot();
    expect(await server.firewall()).toContain(CLIENTS.spammer4);
    expect(await server.bans()).toEqual(bans);
    expect(await server.letsIn('spammer4')).toBe(false);
    expect(await server.letsIn('spammer6')).toBe(false);
    expect(await server.letsIn('neighbour4')).toBe(true);
  });

  it('reads after a reboot the lines that were not read before the shutdown', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await server.hit('forger4');
    await server.machine.reboot();
    await server.lockedOut('forger4');
    expect(await onRecord()).toEqual(await caught());
  });

  it('has every ban again after a power cut', async () => {
    const bans = await server.bans();
    await server.machine.cutPower();
    await server.machine.start();
    expect(await server.bans()).toEqual(bans);
    expect(await server.letsIn('forger4')).toBe(false);
    expect(await server.letsIn('honest4')).toBe(true);
  });

  it('loses no hit and counts no hit twice when the power is cut during mails', async () => {
    const mails = (['neighbour4', 'neighbour6', 'honest4'] as const).map((client) => server.mail(client, TRAP));
    await Promise.race(mails);
    await server.machine.cutPower();
    await Promise.all(mails);
    await server.machine.start();
    const seen = await caught();
    expect(seen.length).toBeGreaterThan(3);
    await Promise.all((['spammer4', 'spammer6', 'forger4'] as const).map((client) => server.lockedOut(client)));
    expect(await onRecord()).toEqual(seen);
    expect(await server.ledger('PRAGMA integrity_check')).toEqual(['ok']);
  });
});
