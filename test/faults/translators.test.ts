import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

describe.runIf(root)('clients behind a translator of the operator', () => {
  let world: World;

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  const banned = async (): Promise<readonly string[]> => (await world.bans()).map(({ network }) => network);
  const inFirewall = (text: string): boolean => world.run('nft', 'list', 'table', 'inet', 'trapline').includes(text);

  it('are unbanned when the prefix of the translator is configured, and are banned one by one afterwards', async () => {
    await world.start();
    world.write(trapLine('2001:db8:64::c000:207', { number: 1 }));
    await eventually('all clients are banned', async () => (await banned()).includes('2001:db8:64::/64'));
    world.configure("nat64: ['2001:db8:64::/96']");
    await world.reload();
    await eventually('no client is banned', async () => (await banned()).length === 0);
    await eventually('the firewall has no ban', () => !inFirewall('2001:db8:64::'));
    world.write(trapLine('2001:db8:64::c000:207', { number: 2 }));
    await eventually('one client is banned', async () => (await banned()).length === 1);
    expect(await world.bans()).toMatchObject([{ network: '2001:db8:64::c000:207', client: '192.0.2.7' }]);
    await eventually('the ban of one client is in the firewall', () => inFirewall('2001:db8:64::c000:207'));
    expect(world.said).toContain('192.0.2.7 behind the translator 2001:db8:64::/96');
    await world.unban(['192.0.2.7']);
    expect(await banned()).toEqual([]);
  });
});
