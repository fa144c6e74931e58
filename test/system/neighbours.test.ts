import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS } from '../support/e2e/hosts.ts';
import { until } from '../support/until.ts';
import { Container, PUBLISHED } from '../support/system/container.ts';
import { CONFIG, useMailServer } from '../support/system/mail-server.ts';

const DOCKER_RULES = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'system', 'docker.rules'), 'utf8');

const ACTIONS = ['nftables', 'ipset', 'iptables'];

type Argv = readonly [string, ...string[]];

const FIREWALLS: readonly {
  readonly name: string;
  /** A rule of this firewall for the port of Postfix. When the rule is in the kernel, the firewall has started. */
  readonly mailRule: RegExp;
  readonly begin: readonly Argv[];
  readonly changes: readonly Argv[];
  readonly end: Argv;
}[] = [
  {
    name: 'ufw',
    mailRule: /-A ufw-user-input -p tcp -m tcp --dport 25 -j ACCEPT/,
    begin: [
      ['ufw', 'allow', '25/tcp'],
      ['ufw', '--force', 'enable'],
    ],
    changes: [
      ['ufw', 'reload'],
      ['ufw', 'allow', '110/tcp'],
      ['ufw', 'delete', 'allow', '110/tcp'],
    ],
    end: ['ufw', 'disable'],
  },
  {
    name: 'firewalld',
    mailRule: /chain filter_IN_public_allow \{[^}]*tcp dport 25 accept/,
    begin: [
      ['firewall-offline-cmd', '--zone=public', '--add-service=smtp'],
      ['systemctl', 'start', 'firewalld'],
    ],
    changes: [
      ['firewall-cmd', '--reload'],
      ['firewall-cmd', '--complete-reload'],
      ['systemctl', 'restart', 'firewalld'],
    ],
    end: ['systemctl', 'stop', 'firewalld'],
  },
];

describe('the firewall of a mail server with another firewall', () => {
  const server = useMailServer('sync: 2s\n');

  /** The rules of other programs, without their counters. */
  const others = async (): Promise<string> => {
    const saved = `${await server.must('iptables-save')}${await server.must('ip6tables-save')}`;
    const rules = saved.split('\n').filter((line) => line.startsWith('-A') && !/TRAPLINE|trapline/.test(line));
    const firewalld = await server.machine.run('nft', 'list', 'table', 'inet', 'firewalld');
    return [...rules, firewalld.stdout.replaceAll(/counter packets \d+ bytes \d+/g, 'counter')].join('\n');
  };

  /** Bans one client with the action, in a kernel without any rules. */
  const banWith = async (action: string): Promise<void> => {
    server.write(CONFIG, `sync: 2s\nactions: [${action}]\n`);
    await server.must('systemctl', 'stop', 'trapline');
    await server.must('nft', 'flush', 'ruleset');
    await server.must('systemctl', 'start', 'trapline');
    await server.must('trapline', 'ban', CLIENTS.spammer4);
    await server.lockedOut('spammer4');
  };

  /** Waits until the banned client is locked out; resolves to true if another client is let in. */
  const onlySpammerIsOut = async (port?: number): Promise<boolean> => {
    await server.lockedOut('spammer4', port);
    return server.letsIn('neighbour4', port);
  };

  /** Loads Docker's rules, in the place of all rules of the tables nat and filter. */
  const startDocker = async (): Promise<void> => {
    server.write('/root/docker.rules', DOCKER_RULES);
    await server.must('sh', '-c', 'iptables-restore < /root/docker.rules');
  };

  describe.each(FIREWALLS)('$name', ({ mailRule, begin, changes, end }) => {
    it.each(ACTIONS)('leaves the bans of %s in force, or they are back within one sync period', async (action) => {
      await banWith(action);
      for (const argv of [...begin, ...changes]) {
        await server.must(...argv);
        expect(await onlySpammerIsOut()).toBe(true);
      }
      await server.must(...end);
      expect(await onlySpammerIsOut()).toBe(true);
    });

    it.each(ACTIONS)('keeps its rules while %s bans, unbans, syncs, starts and stops', async (action) => {
      await banWith(action);
      await server.must('systemctl', 'stop', 'trapline');
      for (const argv of begin) await server.must(...argv);
      await until('its rules are loaded', async () => mailRule.test(await others()));
      const before = await others();
      await server.must('systemctl', 'start', 'trapline');
      await server.must('trapline', 'ban', CLIENTS.forger4);
      await server.lockedOut('forger4');
      await server.must('trapline', 'unban', CLIENTS.forger4);
      await server.letIn('forger4');
      await server.must('systemctl', 'restart', 'trapline');
      expect(await onlySpammerIsOut()).toBe(true);
      expect(await others()).toBe(before);
      await server.must(...end);
    });
  });

  describe('Docker', () => {
    let container: Container;

    beforeAll(() => {
      container = new Container(server.machine.hosts.server);
    });
    afterAll(() => container.remove());

    it.each(ACTIONS)('passes clients without a ban to its published port, and %s keeps a banned client out', async (action) => {
      await banWith(action);
      await startDocker();
      const before = await others();
      expect(before).toContain('-A DOCKER ! -i docker0');
      expect(await onlySpammerIsOut(PUBLISHED)).toBe(true);
      await server.must('systemctl', 'restart', 'trapline');
      await startDocker();
      expect(await onlySpammerIsOut(PUBLISHED)).toBe(true);
      expect(await onlySpammerIsOut()).toBe(true);
      await server.must('trapline', 'unban', CLIENTS.spammer4);
      await server.letIn('spammer4', { port: PUBLISHED });
      expect(await others()).toBe(before);
    });
  });
});
