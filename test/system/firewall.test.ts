import { describe, expect, it } from 'vitest';
import { CLIENTS } from '../support/e2e/hosts.ts';
import { until } from '../support/until.ts';
import { CONFIG, useMailServer } from '../support/system/mail-server.ts';

describe('the firewall of a mail server', () => {
  const server = useMailServer('');

  const listed = async (): Promise<boolean> => (await server.firewall()).includes(CLIENTS.spammer4);

  it('has every ban again within one sync period (30 s) after a flush of its rules', async () => {
    await server.hit('spammer4');
    await server.lockedOut('spammer4');
    await server.must('nft', 'flush', 'ruleset');
    await until('the ban is in the firewall again', listed, 35_000);
    expect(await server.letsIn('spammer4')).toBe(false);
    expect(await server.letsIn('neighbour4')).toBe(true);
  });

  it.each([
    ['a reload of nftables.service, which flushes all rules', ['systemctl', 'reload-or-restart', 'nftables']],
    ['a restart of nftables.service', ['systemctl', 'restart', 'nftables']],
    ['a deletion of its table', ['nft', 'delete', 'table', 'inet', 'trapline']],
    ['a flush of its set', ['nft', 'flush', 'set', 'inet', 'trapline', 'ipv4_32']],
  ])('has every ban again after %s', async (_, argv) => {
    server.write(CONFIG, 'sync: 2s\n');
    await server.must('systemctl', 'restart', 'trapline');
    const bans = await server.bans();
    await server.must(...argv);
    await until('the ban is in the firewall again', listed);
    expect(await server.letsIn('spammer4')).toBe(false);
    expect(await server.letsIn('neighbour4')).toBe(true);
    expect(await server.bans()).toEqual(bans);
  });

  it.each(['ipset', 'iptables', 'nftables'])(
    'can be changed by the action %s with the rights of the systemd unit',
    async (action) => {
      server.write(CONFIG, `actions: [${action}]\n`);
      await server.must('systemctl', 'stop', 'trapline');
      await server.must('nft', 'flush', 'ruleset');
      await server.must('systemctl', 'start', 'trapline');
      expect(await server.letsIn('spammer4')).toBe(false);
      expect(await server.must('trapline', 'status', '--json')).toMatch(
        /"actions":\s*\[\s*\{\s*"name":\s*"\w+",\s*"state":\s*"ok"/,
      );
      for (const client of ['cousin6', 'forger4'] as const) {
        await server.hit(client);
        await server.lockedOut(client);
        await server.must('trapline', 'unban', client === 'cousin6' ? '2001:db8:10::/64' : CLIENTS[client]);
        await server.letIn(client);
      }
    },
  );
});
