import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Enforcer, loadAction, type ActionPorts } from '../../src/actions/enforce.ts';
import { ipset, iptables, legacyPrograms } from '../support/actions/benches.ts';
import { describeContract, describeRefusal, describeTimeouts, describeWave } from '../support/actions/contract.ts';
import { describePackets } from '../support/actions/packets.ts';
import { Namespace } from '../support/actions/wire.ts';
import { entry, Folder, heldBy, KeptLog, lift, manyHosts, network, set } from '../support/actions/words.ts';
import { root } from '../support/privileges.ts';
import { CHECKOUT } from '../support/source-tree.ts';

const older = 'iptables (older interface of the kernel)';

describe.runIf(root)('in a network namespace', () => {
  describeContract('ipset', ipset);
  describeWave('ipset', ipset, 1);
  describeRefusal('ipset', ipset);
  describeTimeouts('ipset', ipset);
  describePackets('ipset');

  // A batch starts at most three programs: two that list the bans, and one that changes them.
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
      expect(await heldBy(action)).toEqual(['192.0.2.7/32']);
    });

    it('F05: refuse bans beyond the size of a set, report the refusal, and do not count the refused bans as set', async () => {
      const door = new Enforcer([loadAction('ipset', { set: 'small', maxelem: 50 }, ports)], ports);
      await door.sync(() => () => []);
      await set(door, manyHosts(50));
      expect(door.status()[0]).toMatchObject({ state: 'ok', owed: 0 });
      await set(door, [entry('192.0.2.7')]);
      expect(door.status()[0]).toMatchObject({ state: 'failing', owed: 1, lastError: expect.stringContaining('Hash is full') });
      expect(log.lines.at(-1)).toMatch(
        /^warn: ipset: ipset restore -exist: .*Hash is full.*\(192\.0\.2\.7\); not in force, will be tried again$/,
      );
      await door.close();
    });

    it('F05: set the 65,537th ban', async () => {
      const action = loadAction('ipset', {}, ports);
      await action.open();
      expect(await action.ban(manyHosts(65_537))).toEqual([]);
      expect(await heldBy(action)).toHaveLength(65_537);
    });

    it('change the size of a set at the next replacement', async () => {
      const before = loadAction('ipset', { set: 'grows', maxelem: 10 }, ports);
      await before.open();
      await before.ban(manyHosts(10));
      const after = loadAction('ipset', { set: 'grows', maxelem: 20 }, ports);
      await after.open();
      expect(await after.replace(manyHosts(20))).toEqual([]);
      expect(await heldBy(after)).toHaveLength(20);
    });

    it('F06: accept at most 26 characters for `set`, so that the name of every set fits into the 31 characters of ipset', async () => {
      const longest = 'x'.repeat(26);
      const action = loadAction('ipset', { set: longest }, ports);
      await action.open();
      await action.replace([entry('192.0.2.7'), entry('2001:db8::7')]);
      expect(await heldBy(action)).toEqual(['192.0.2.7/32', '2001:db8::7/128']);
      expect(() => namespace.run('ipset', 'create', `${longest}x4-new`, 'hash:net')).toThrow('is longer than 31 characters');
      expect(() => loadAction('ipset', { set: `${longest}x` }, ports)).toThrow(
        `action ipset: "set" cannot be "${longest}x", it must be a name of at most 26`,
      );
    });

    it.each(['ipset', 'iptables'])(
      'F14: ban IPv4 without ip6tables, log one notice, and keep the bans of IPv6 pending (%s)',
      async (type) => {
        const few = new Folder();
        const programs = ['iptables', 'iptables-restore', 'ipset', 'env'];
        for (const name of programs) symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(few.path, name));
        const apart = new Namespace('w');
        const kept = new KeptLog();
        const here = { log: kept.log, clock: Date.now };
        const wrap = [...apart.inside(), 'env', `PATH=${few.path}`];
        const action = loadAction(type, {}, { ...here, wrap, ipv6: 'on' });
        const door = new Enforcer([action], here);
        const wanted = [entry('192.0.2.1'), entry('198.51.100.0/24')];
        await door.open();
        await door.sync(() => () => wanted);
        await set(door, [entry('192.0.2.2')]);
        await lift(door, [network('198.51.100.0/24')]);
        expect(door.status()[0]).toMatchObject({ state: 'ok', owed: 0 });
        expect(await heldBy(action)).toEqual(['192.0.2.1/32', '192.0.2.2/32']);
        await set(door, [entry('192.0.2.3'), entry('2001:db8::/64')]);
        expect(door.status()[0]).toMatchObject({ state: 'failing', owed: 1, lastError: expect.stringContaining('ip6tables') });
        expect(await heldBy(action)).toEqual(['192.0.2.1/32', '192.0.2.2/32', '192.0.2.3/32']);
        await door.sync(() => () => [...wanted, entry('2001:db8::/64')]);
        expect(kept.lines.filter((line) => line.startsWith('notice'))).toEqual([
          expect.stringMatching(`^notice: ${type}: ip6tables.*; only IPv4 addresses are banned$`),
        ]);
        await door.close();
        apart.remove();
        few.remove();
      },
    );

    it.each([
      ['ipset', 'drop'],
      ['ipset', 'reject'],
      ['iptables', 'drop'],
      ['iptables', 'reject'],
    ])('are removed by the commands of docs/actions.md, which leave all other rules (%s, %s)', async (type, block) => {
      const page = readFileSync(join(CHECKOUT, 'docs', 'actions.md'), 'utf8');
      const [, , commands = ''] = /^## Removing the rules\n.*?```sh.*?```sh\n(.*?)```/ms.exec(page)?.[0].split('```sh\n') ?? [];
      const [rules, ipsets] = commands.replace('```', '').split(/^(?=ipset)/m);
      const apart = new Namespace('r');
      apart.run('ipset', 'create', 'own', 'hash:net');
      apart.run('iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT');
      const saved = (): string =>
        ['iptables-save', 'ip6tables-save', 'ipset save'].map((word) => rulesOf(apart.run(...word.split(' ')))).join('');
      const before = saved();
      const action = loadAction(type, { block }, { log: log.log, clock: Date.now, wrap: apart.inside() });
      await action.open();
      await action.ban([entry('192.0.2.1'), entry('2001:db8::/64')]);
      expect(saved()).not.toBe(before);
      await action.close();
      apart.run('sh', '-e', '-c', rules ?? '');
      if (type === 'ipset') apart.run('sh', '-e', '-c', ipsets ?? '');
      expect(saved()).toBe(before);
      apart.remove();
    });

    it.each(['ipset', 'iptables'])(
      'F01: set their chains and bans again after another program flushed the chains (%s)',
      async (type) => {
        const door = new Enforcer([loadAction(type, {}, ports)], ports);
        const wanted = [entry('192.0.2.1'), entry('2001:db8::/64')];
        await door.sync(() => () => wanted);
        namespace.run('iptables', '-t', 'raw', '-F', 'TRAPLINE');
        await door.sync(() => () => wanted);
        expect(door.status()[0]?.drift).toBe(1);
        expect(namespace.run('iptables', '-t', 'raw', '-S', 'TRAPLINE')).toMatch(
          /^-A TRAPLINE -p tcp -m multiport --dports 25,465,587 /m,
        );
        namespace.run('ip6tables', '-t', 'raw', '-F');
        await door.sync(() => () => wanted);
        await door.sync(() => () => wanted);
        expect(door.status()[0]?.drift).toBe(2);
        await door.close();
      },
    );

    it.each(['ipset', 'iptables'])('ban only IPv4 when the kernel does not support IPv6, and log one notice (%s)', async (type) => {
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
      await door.sync(() => () => wanted);
      await set(door, [entry('192.0.2.2'), entry('2001:db8:1::/64')]);
      await lift(door, [network('192.0.2.2'), network('2001:db8:1::/64')]);
      await door.sync(() => () => wanted);
      expect(door.status()[0]).toMatchObject({ state: 'ok', owed: 0, drift: 0 });
      expect(kept.lines).toEqual([`notice: ${type}: IPv6 is off in this kernel; only IPv4 addresses are banned`]);
      await door.close();
      apart.remove();
      off.remove();
    });
  });
});

/** The rules that a listing has, without tables that have no rules. */
function rulesOf(listing: string): string {
  return listing
    .split('\n')
    .filter((line) => /^(?:-A|create|add) /.test(line) || /^:(?!(?:PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) )/.test(line))
    .map((line) => `${line}\n`)
    .join('');
}
