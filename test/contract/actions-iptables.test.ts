import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Enforcer, loadAction, type ActionPorts } from '../../src/actions/enforce.ts';
import { ipset, iptables, legacyPrograms } from '../support/actions-benches.ts';
import { describeContract, describeRefusal, describeTimeouts, describeWave } from '../support/actions-contract.ts';
import { describePackets } from '../support/actions-packets.ts';
import { Namespace } from '../support/actions-wire.ts';
import { entry, Folder, KeptLog, manyHosts, network } from '../support/actions-words.ts';
import { root } from '../support/privileges.ts';

const older = 'iptables, through the older interface of the kernel';

describe.runIf(root)('in a network namespace', () => {
  describeContract('ipset', ipset);
  describeWave('ipset', ipset, 1);
  describeRefusal('ipset', ipset);
  describeTimeouts('ipset', ipset);
  describePackets('ipset');

  // Two lists and one change.
  describeContract('iptables', iptables);
  describeWave('iptables', iptables, 3);
  describeRefusal('iptables', iptables);
  describePackets('iptables');

  describeContract(older, () => iptables(true));
  describeWave(older, () => iptables(true), 3);
  describeRefusal(older, () => iptables(true));

  describe('iptables and ipset', () => {
    let namespace: Namespace;
    let folder: Folder;
    let ports: ActionPorts;
    const log = new KeptLog();
    beforeAll(() => {
      namespace = new Namespace('i');
      folder = new Folder();
      ports = { log: log.log, clock: Date.now, wrap: namespace.inside() };
    });
    afterAll(() => {
      namespace.remove();
      folder.remove();
    });

    it('F07: wait while another program holds the lock', async () => {
      const lock = folder.write('lock', '');
      const wrap = [...namespace.inside(), 'env', `XTABLES_LOCKFILE=${lock}`, `PATH=${legacyPrograms(folder)}`];
      const action = loadAction('iptables', {}, { ...ports, wrap });
      await action.open();
      const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; sleep 3'], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(holder.stdout, 'data');
      expect(await action.ban([entry('192.0.2.7')])).toEqual([]);
      expect(holder.exitCode).toBe(0);
      expect(await action.list?.()).toEqual(['192.0.2.7/32']);
    });

    it('F05: refuse loudly what is beyond the size of a set, and do not count it as banned', async () => {
      const door = new Enforcer([loadAction('ipset', { set: 'small', maxelem: 50 }, ports)], ports);
      await door.sync(() => []);
      await door.enforce(manyHosts(50));
      expect(door.status()[0]).toMatchObject({ state: 'ok', owed: 0 });
      await door.enforce([entry('192.0.2.7')]);
      expect(door.status()[0]).toMatchObject({ state: 'failing', owed: 1, lastError: expect.stringContaining('Hash is full') });
      expect(log.lines.at(-1)).toMatch(
        /^warn: ipset: ipset restore -exist: .*Hash is full.*\(192\.0\.2\.7\); not in force, tried again later$/,
      );
      await door.close();
    });

    it('F05: take the 65,537th ban', async () => {
      const action = loadAction('ipset', {}, ports);
      await action.open();
      expect(await action.ban(manyHosts(65_537))).toEqual([]);
      expect(await action.list?.()).toHaveLength(65_537);
    });

    it('change the size of a set with the next replacement', async () => {
      const before = loadAction('ipset', { set: 'grows', maxelem: 10 }, ports);
      await before.open();
      await before.ban(manyHosts(10));
      const after = loadAction('ipset', { set: 'grows', maxelem: 20 }, ports);
      await after.open();
      expect(await after.replace(manyHosts(20))).toEqual([]);
      expect(await after.list?.()).toHaveLength(20);
    });

    it.each(['ipset', 'iptables'])('F01: %s has chain and bans back after somebody flushed the chains', async (type) => {
      const door = new Enforcer([loadAction(type, {}, ports)], ports);
      const wanted = [entry('192.0.2.1'), entry('2001:db8::/64')];
      await door.sync(() => wanted);
      namespace.run('iptables', '-t', 'raw', '-F', 'TRAPLINE');
      await door.sync(() => wanted);
      expect(door.status()[0]?.drift).toBe(1);
      expect(namespace.run('iptables', '-t', 'raw', '-S', 'TRAPLINE')).toMatch(
        /^-A TRAPLINE -p tcp -m multiport --dports 25,465,587 /m,
      );
      namespace.run('ip6tables', '-t', 'raw', '-F');
      await door.sync(() => wanted);
      await door.sync(() => wanted);
      expect(door.status()[0]?.drift).toBe(2);
      await door.close();
    });

    it.each(['ipset', 'iptables'])('%s works with IPv4 alone when the kernel has no IPv6, with one notice', async (type) => {
      const off = new Folder();
      for (const name of ['ip6tables', 'ip6tables-restore']) {
        off.write(
          name,
          '#!/bin/sh\necho "can\'t initialize ip6tables table: Address family not supported by protocol" >&2\nexit 3\n',
          0o755,
        );
      }
      const apart = new Namespace('v');
      const kept = new KeptLog();
      const wrap = [...apart.inside(), 'env', `PATH=${off.path}:/usr/sbin:/usr/bin:/sbin:/bin`];
      const here = { log: kept.log, clock: Date.now };
      const door = new Enforcer([loadAction(type, {}, { ...here, wrap, ipv6: 'none' })], here);
      const wanted = [entry('192.0.2.1'), entry('2001:db8::/64')];
      await door.open();
      await door.sync(() => wanted);
      await door.enforce([entry('192.0.2.2'), entry('2001:db8:1::/64')]);
      await door.lift([network('192.0.2.2'), network('2001:db8:1::/64')]);
      await door.sync(() => wanted);
      expect(door.status()[0]).toMatchObject({ state: 'ok', owed: 0, drift: 0 });
      expect(kept.lines).toEqual([`notice: ${type}: IPv6 is off in this kernel; only IPv4 addresses are banned`]);
      await door.close();
      apart.remove();
      off.remove();
    });
  });
});
