// Tests of the effect of bans on packets, for each real firewall, with a server and its clients in network namespaces.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadAction } from '../../../src/actions/enforce.ts';
import type { Action } from '../../../src/words/firewall.ts';
import { entry, KeptLog, network } from './words.ts';
import { CLIENTS, Namespace, SERVER, Wire } from './wire.ts';

const [banned4, neighbour4, other4] = CLIENTS[4];
const [banned6, neighbour6, cousin6] = CLIENTS[6];

/** Defines the tests for a shipped action. */
export function describePackets(type: string): void {
  describe(`the packets of clients that ${type} bans`, () => {
    const wire = new Wire();
    let action: Action;

    const open = async (options: Readonly<Record<string, unknown>> = {}): Promise<void> => {
      const ports = { log: new KeptLog().log, clock: Date.now, wrap: wire.server.inside() };
      action = loadAction(type, options, ports);
      await action.open();
      await action.replace([]);
    };
    const seen = async (from: string, port = 25): Promise<string> => (await wire.dial(from, port)).seen;

    beforeAll(() => wire.start(25, 465, 587, 2525));
    afterEach(async () => {
      await action.replace([]);
    });
    afterAll(() => wire.remove());

    it('reach only ports other than the mail ports, while the packets of a neighbour reach all ports', async () => {
      await open();
      expect(await Promise.all([banned4, banned6].map((from) => seen(from)))).toEqual(['open', 'open']);
      await action.ban([entry(banned4), entry('2001:db8:10::/64')]);
      expect(await Promise.all([25, 465, 587, 2525].map((port) => seen(banned4, port)))).toEqual([
        'silent',
        'silent',
        'silent',
        'open',
      ]);
      expect(await Promise.all([25, 2525].map((port) => seen(banned6, port)))).toEqual(['silent', 'open']);
      expect(await Promise.all([neighbour4, other4, neighbour6].map((from) => seen(from)))).toEqual(['open', 'open', 'open']);
    });

    it('reach the mail ports again when the ban is lifted', async () => {
      await open();
      await action.ban([entry(banned4), entry('2001:db8:10::/64')]);
      await action.unban([network(banned4), network('2001:db8:10::/64')]);
      expect(await Promise.all([banned4, banned6].map((from) => seen(from)))).toEqual(['open', 'open']);
    });

    it('do not reach the mail ports when the whole network of the client is banned', async () => {
      await open();
      await action.ban([entry('203.0.113.0/24'), entry('2001:db8:11::/64')]);
      const clients = [banned4, neighbour4, other4, banned6, neighbour6, cousin6];
      expect(await Promise.all(clients.map((from) => seen(from)))).toEqual([
        'silent',
        'silent',
        'open',
        'open',
        'silent',
        'silent',
      ]);
    });

    it('reach no port with the option `ports: all`', async () => {
      await open({ ports: 'all' });
      await action.ban([entry(banned4), entry(neighbour6)]);
      expect(await Promise.all([25, 2525].map((port) => seen(banned4, port)))).toEqual(['silent', 'silent']);
      expect(await Promise.all([neighbour6, cousin6].map((from) => seen(from, 2525)))).toEqual(['silent', 'open']);
    });

    it('F09: are dropped at once in an open connection', async () => {
      await open();
      const [held4, held6, neighbour] = await Promise.all([banned4, banned6, neighbour4].map((from) => wire.dial(from, 25)));
      expect(await Promise.all([held4?.say(), held6?.say(), neighbour?.say()])).toEqual(['open', 'open', 'open']);
      await action.ban([entry(banned4), entry('2001:db8:10::/64')]);
      expect(await Promise.all([held4?.say(), held6?.say(), neighbour?.say()])).toEqual(['silent', 'silent', 'open']);
    });

    it('are rejected with the option `block: reject`, and dropped again with `block: drop`', async () => {
      await open({ block: 'reject' });
      await action.ban([entry(banned4), entry('2001:db8:10::/64')]);
      expect(await Promise.all([banned4, banned6].map((from) => seen(from)))).toEqual(['refused', 'refused']);
      expect(await seen(neighbour4)).toBe('open');
      await open({ ports: 'all', block: 'reject' });
      await action.ban([entry(banned4), entry('2001:db8:10::/64')]);
      expect(await Promise.all([banned4, banned6].map((from) => seen(from, 2525)))).toEqual(['refused', 'refused']);
      await open();
      expect(await Promise.all([banned4, banned6].map((from) => seen(from)))).toEqual(['open', 'open']);
      await action.ban([entry(banned4), entry('2001:db8:10::/64')]);
      expect(await Promise.all([banned4, banned6].map((from) => seen(from)))).toEqual(['silent', 'silent']);
    });

    it('F10: do not reach a port that is forwarded to another namespace, as Docker forwards ports', async () => {
      const container = new Namespace('d');
      wire.server.run('ip', 'link', 'add', 'bridge', 'type', 'veth', 'peer', 'name', 'bridge', 'netns', container.name);
      wire.server.run('ip', 'addr', 'add', '172.30.0.1/24', 'dev', 'bridge');
      wire.server.run('ip', 'link', 'set', 'bridge', 'up');
      container.run('ip', 'addr', 'add', '172.30.0.2/24', 'dev', 'bridge');
      container.run('ip', 'link', 'set', 'bridge', 'up');
      container.run('ip', 'route', 'add', 'default', 'via', '172.30.0.1');
      wire.server.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
      wire.server.run('nft', 'add table ip forwarded; add chain ip forwarded to { type nat hook prerouting priority dstnat; }');
      wire.server.run('nft', `add rule ip forwarded to ip daddr ${SERVER[4]} tcp dport 587 dnat to 172.30.0.2:5870`);
      await wire.listen(container, 5870);
      await open();
      const held = await wire.dial(banned4, 587);
      expect(await held.say()).toBe('open');
      await action.ban([entry(banned4)]);
      expect(await held.say()).toBe('silent');
      expect(await Promise.all([banned4, neighbour4].map((from) => seen(from, 587)))).toEqual(['silent', 'open']);
      wire.server.run('nft', 'delete table ip forwarded');
      wire.server.run('ip', 'link', 'del', 'bridge');
      await wire.end(container);
    });
  });
}
