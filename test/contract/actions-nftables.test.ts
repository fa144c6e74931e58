import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Enforcer, loadAction } from '../../src/actions/enforce.ts';
import type { Action } from '../../src/words/firewall.ts';
import { nftables } from '../support/actions/benches.ts';
import { describeContract, describeRefusal, describeTimeouts, describeWave } from '../support/actions/contract.ts';
import { describePackets } from '../support/actions/packets.ts';
import { Namespace } from '../support/actions/wire.ts';
import { Counter, entry, Folder, heldBy, KeptLog, lift, manyHosts, network, set } from '../support/actions/words.ts';
import { root } from '../support/privileges.ts';

/** The number of elements in the output of `nft list`. */
const elements = (text: string): number => text.split(' timeout ').length - 1;

describe.runIf(root)('in a network namespace', () => {
  describeContract('nftables', nftables);
  describeWave('nftables', nftables, 1);
  describeRefusal('nftables', nftables);
  describeTimeouts('nftables', nftables);
  describePackets('nftables');

  describe('the nftables action', () => {
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
      // On a busy machine `nft -i` may need longer than the default limit of a second, and would then be killed.
      const action = loadAction('nftables', {}, { ...ports, wrap: counter.wrap, patience: 60_000 });
      return { door: new Enforcer([action], ports), log };
    };

    /** The started programs. `nft monitor` is left out, because the tests do not wait for its start. */
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
      await door.sync(() => () => manyHosts(20_000));
      expect(started()).toEqual(['nft -i', 'nft -f -']);
      expect(elements(namespace.run('nft', 'list', 'set', 'inet', 'trapline', 'ipv4_32'))).toBe(20_000);
      await door.close();
    });

    it('passes small batches to one session of nft', async () => {
      const { door } = make();
      await door.sync(() => () => []);
      for (const host of manyHosts(20)) await set(door, [host]);
      await lift(
        door,
        manyHosts(10).map((host) => host.network),
      );
      expect(started()).toEqual(['nft -i', 'nft -f -']);
      expect(elements(namespace.run('nft', 'list', 'set', 'inet', 'trapline', 'ipv4_32'))).toBe(10);
      await door.close();
    });

    it('starts a program for each batch after the session is killed', async () => {
      const { door, log } = make();
      await door.sync(() => () => []);
      for (const pid of namespace.pids()) process.kill(pid, 'SIGKILL');
      await set(door, [entry('192.0.2.7')]);
      await set(door, [entry('192.0.2.8')]);
      expect(elements(namespace.run('nft', 'list', 'set', 'inet', 'trapline', 'ipv4_32'))).toBe(2);
      expect([door.status()[0]?.state, log.lines]).toEqual(['ok', []]);
      await door.close();
    });

    it('F01: sets table, chains and bans again after a flush of the ruleset, and counts the differences', async () => {
      const { door, log } = make();
      const wanted = ['192.0.2.1', '192.0.2.2', '198.51.100.0/24', '2001:db8::/64', '2001:db8::1'].map((text) => entry(text));
      await door.sync(() => () => wanted);
      namespace.run('nft', 'flush', 'ruleset');
      await door.sync(() => () => wanted);
      expect(elements(namespace.run('nft', 'list', 'ruleset'))).toBe(5);
      expect(namespace.run('nft', 'list', 'ruleset').match(/ drop$/gm)).toHaveLength(4);
      expect(door.status()[0]).toMatchObject({ state: 'ok', owed: 0, drift: 5 });
      expect(log.lines).toEqual(['warn: nftables: 5 bans were missing and 0 were too many; correcting the firewall']);
      await door.close();
    });

    it('counts bans in a set without its rule as missing', async () => {
      const { door } = make();
      const wanted = [entry('192.0.2.1'), entry('2001:db8::/64')];
      await door.sync(() => () => wanted);
      namespace.run('nft', 'flush', 'chain', 'inet', 'trapline', 'ipv6_64');
      await door.sync(() => () => wanted);
      expect(door.status()[0]?.drift).toBe(1);
      expect(namespace.run('nft', 'list', 'chain', 'inet', 'trapline', 'ipv6_64')).toContain('@ipv6_64');
      await door.close();
    });

    it('B08: reports whether the firewall holds and applies a ban, and repairs the firewall', async () => {
      const { door } = make();
      const wanted = [entry('192.0.2.1'), entry('2001:db8::/64')];
      await door.sync(() => () => wanted);
      const held = async (): Promise<readonly string[]> => {
        const looked = await Promise.all(wanted.map((one) => door.look(one.network, ['nftables', 'other'])));
        return looked.flatMap((found) => found.map((one) => one.held));
      };
      expect(await held()).toEqual(['held', 'held']);
      namespace.run('nft', 'flush', 'chain', 'inet', 'trapline', 'ipv6_64');
      expect(await held()).toEqual(['held', 'lacked']);
      expect(namespace.run('nft', 'list', 'chain', 'inet', 'trapline', 'ipv6_64')).toContain('@ipv6_64');
      namespace.run('nft', 'delete', 'table', 'inet', 'trapline');
      expect(await held()).toEqual(['lacked', 'lacked']);
      expect(await held()).toEqual(['held', 'held']);
      await door.close();
    });

    it('creates a deleted table again when it sets a new ban', async () => {
      const { door, log } = make();
      await door.sync(() => () => [entry('192.0.2.1')]);
      namespace.run('nft', 'flush', 'ruleset');
      await set(door, [entry('192.0.2.2')]);
      expect(namespace.run('nft', 'list', 'ruleset')).toContain('192.0.2.2 timeout');
      expect([door.status()[0]?.state, log.lines]).toEqual(['ok', []]);
      await lift(door, [network('192.0.2.2')]);
      await door.close();
    });

    it('B10: checks a sample when there are more bans than the action can list, and changes nothing', async () => {
      const action = loadAction('nftables', {}, { log: new KeptLog().log, clock: Date.now, wrap: namespace.inside() });
      const hosts = [...manyHosts(1000), entry('2001:db8:1::/64'), entry('192.0.2.0/24')];
      await action.replace(hosts);
      /** Looks up `hosts` and `absent` as a sample of a million bans. Resolves to true if all networks of the sample are banned. */
      const complete = async (...absent: readonly string[]): Promise<boolean> => {
        const sample = [...hosts, ...absent.map((text) => entry(text))];
        const drift = await action.check((most) => (most < 1_000_000 ? { sample, count: 1_000_000 } : sample));
        expect(drift).toMatchObject({ kind: 'sampled', looked: sample.length });
        return drift.kind === 'sampled' && drift.complete;
      };
      expect(await complete()).toBe(true);
      expect(await heldBy(action)).toHaveLength(hosts.length);
      for (const absent of ['192.0.2.1', '2001:db8:2::/64', '198.51.0.0/16']) expect(await complete(absent)).toBe(false);
      namespace.run('nft', 'flush', 'set', 'inet', 'trapline', 'ipv6_64');
      expect(await complete()).toBe(false);
      namespace.run('nft', 'flush', 'ruleset');
      expect(await complete()).toBe(false);
      await action.close();
    });

    const takes = (table: string): boolean =>
      spawnSync('ip', ['netns', 'exec', namespace.name, 'nft', '-c', `add table inet ${table}`]).status === 0;
    const named = (table: string): Action =>
      loadAction('nftables', { table }, { log: new KeptLog().log, clock: Date.now, wrap: namespace.inside() });

    it.each(['trapline', '_x', 'a/b', 'a.b-c', 'x'.repeat(64), 'DROP', 'saddr'])(
      'bans in a table with the name %s',
      async (table) => {
        expect(takes(table)).toBe(true);
        const action = named(table);
        await action.open();
        await action.replace([entry('192.0.2.7'), entry('2001:db8:1:2::/64')]);
        expect(await heldBy(action)).toEqual(['192.0.2.7/32', '2001:db8:1:2::/64']);
        await action.close();
      },
    );

    const REFUSED = '12 1a /a drop set ip counter table inet log all gc-interval symhash udplite xt'.split(' ');

    it.each(REFUSED)('refuses a table name that nft refuses: %s', (table) => {
      expect(takes(table)).toBe(false);
      expect(() => named(table)).toThrow(`action nftables: "table" cannot be "${table}", it must be a name that begins with`);
    });

    it('names the package to install when nft is missing', async () => {
      const log = new KeptLog();
      const ports = { log: log.log, clock: Date.now };
      const door = new Enforcer([loadAction('nftables', {}, { ...ports, wrap: ['trapline-no-such-program'] })], ports);
      await door.open();
      expect(door.status()[0]).toMatchObject({ state: 'failing', lastError: expect.stringContaining('not found, install') });
      await door.close();
    });
  });
});
