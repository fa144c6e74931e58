import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Enforcer, loadAction } from '../../src/actions/enforce.ts';
import { nftables } from '../support/actions-benches.ts';
import { describeContract, describeRefusal, describeTimeouts, describeWave } from '../support/actions-contract.ts';
import { describePackets } from '../support/actions-packets.ts';
import { Namespace } from '../support/actions-wire.ts';
import { Counter, entry, Folder, KeptLog, manyHosts, network } from '../support/actions-words.ts';
import { root } from '../support/privileges.ts';

/** Elements in what `nft list` printed. */
const elements = (text: string): number => text.split(' timeout ').length - 1;

describe.runIf(root)('in a network namespace', () => {
  describeContract('nftables', nftables);
  describeWave('nftables', nftables, 1);
  describeRefusal('nftables', nftables);
  describeTimeouts('nftables', nftables);
  describePackets('nftables');

  describe('nftables behind the door', () => {
    let namespace: Namespace;
    let folder: Folder;
    let counter: Counter;
    beforeAll(() => {
      namespace = new Namespace('n');
      folder = new Folder();
      counter = new Counter(folder, namespace.inside());
    });
    afterAll(() => {
      namespace.remove();
      folder.remove();
    });

    const make = (): { door: Enforcer; log: KeptLog } => {
      const log = new KeptLog();
      const ports = { log: log.log, clock: Date.now };
      return { door: new Enforcer([loadAction('nftables', {}, { ...ports, wrap: counter.wrap })], ports), log };
    };

    /** The programs that were started, but for the one that listens, which comes in its own time. */
    const started = (): string[] =>
      counter
        .take()
        .map((line) => line.replace(/.* nft /, 'nft '))
        .filter((line) => !line.includes('nft monitor'));

    beforeEach(() => {
      counter.take();
    });

    it('B14: sets 20,000 bans after a restart in one transaction', async () => {
      const { door } = make();
      await door.open();
      await door.sync(() => manyHosts(20_000));
      expect(started()).toEqual(['nft -i', 'nft -f -']);
      expect(elements(namespace.run('nft', 'list', 'set', 'inet', 'trapline', 'ipv4_32'))).toBe(20_000);
      await door.close();
    });

    it('tells one program that stays of one small batch after the other', async () => {
      const { door } = make();
      await door.sync(() => []);
      for (const host of manyHosts(20)) await door.enforce([host]);
      await door.lift(manyHosts(10).map((host) => host.network));
      expect(started()).toEqual(['nft -i']);
      expect(elements(namespace.run('nft', 'list', 'set', 'inet', 'trapline', 'ipv4_32'))).toBe(10);
      await door.close();
    });

    it('starts one program a batch when the one that stays is killed', async () => {
      const { door, log } = make();
      await door.sync(() => []);
      for (const pid of namespace.pids()) process.kill(pid, 'SIGKILL');
      await door.enforce([entry('192.0.2.7')]);
      await door.enforce([entry('192.0.2.8')]);
      expect(elements(namespace.run('nft', 'list', 'set', 'inet', 'trapline', 'ipv4_32'))).toBe(2);
      expect([door.status()[0]?.state, log.lines]).toEqual(['ok', []]);
      await door.close();
    });

    it('F01: has table, chains and bans back after somebody flushed the ruleset, and counts the drift', async () => {
      const { door, log } = make();
      const wanted = ['192.0.2.1', '192.0.2.2', '198.51.100.0/24', '2001:db8::/64', '2001:db8::1'].map((text) => entry(text));
      await door.sync(() => wanted);
      namespace.run('nft', 'flush', 'ruleset');
      await door.sync(() => wanted);
      expect(elements(namespace.run('nft', 'list', 'ruleset'))).toBe(5);
      expect(namespace.run('nft', 'list', 'ruleset').match(/ drop$/gm)).toHaveLength(4);
      expect(door.status()[0]).toMatchObject({ state: 'ok', owed: 0, drift: 5 });
      expect(log.lines).toEqual(['warn: nftables: 5 bans were missing and 0 were too many; setting that right']);
      await door.close();
    });

    it('counts bans behind a missing rule as missing', async () => {
      const { door } = make();
      const wanted = [entry('192.0.2.1'), entry('2001:db8::/64')];
      await door.sync(() => wanted);
      namespace.run('nft', 'flush', 'chain', 'inet', 'trapline', 'ipv6_64');
      await door.sync(() => wanted);
      expect(door.status()[0]?.drift).toBe(1);
      expect(namespace.run('nft', 'list', 'chain', 'inet', 'trapline', 'ipv6_64')).toContain('@ipv6_64');
      await door.close();
    });

    it('bans into a table that somebody removed, though the rest comes back with the next sync only', async () => {
      const { door, log } = make();
      await door.sync(() => [entry('192.0.2.1')]);
      namespace.run('nft', 'flush', 'ruleset');
      await door.enforce([entry('192.0.2.2')]);
      expect(namespace.run('nft', 'list', 'ruleset')).toContain('192.0.2.2 timeout');
      expect([door.status()[0]?.state, log.lines]).toEqual(['ok', []]);
      await door.lift([network('192.0.2.2')]);
      await door.close();
    });

    it('B10: finds in a sample of more bans than it lists whether they are there, and changes nothing', async () => {
      const action = loadAction('nftables', {}, { log: new KeptLog().log, clock: Date.now, wrap: namespace.inside() });
      const hosts = [...manyHosts(1000), entry('2001:db8:1::/64'), entry('192.0.2.0/24')];
      await action.replace(hosts);
      const networks = hosts.map((host) => host.network);
      expect(await action.holds?.(networks)).toBe(true);
      expect(await action.list?.()).toHaveLength(hosts.length);
      for (const absent of ['192.0.2.1', '2001:db8:2::/64', '198.51.0.0/16'])
        expect(await action.holds?.([...networks, network(absent)])).toBe(false);
      namespace.run('nft', 'flush', 'set', 'inet', 'trapline', 'ipv6_64');
      expect(await action.holds?.(networks)).toBe(false);
      namespace.run('nft', 'flush', 'ruleset');
      expect(await action.holds?.(networks)).toBe(false);
      await action.close();
    });

    it('says what to install when nft is missing', async () => {
      const log = new KeptLog();
      const ports = { log: log.log, clock: Date.now };
      const door = new Enforcer([loadAction('nftables', {}, { ...ports, wrap: ['trapline-no-such-program'] })], ports);
      await door.open();
      expect(door.status()[0]).toMatchObject({ state: 'failing', lastError: expect.stringContaining('not found, install') });
      await door.close();
    });
  });
});
