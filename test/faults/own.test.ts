import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

describe.runIf(root)('a trap line from an address that the machine needs', () => {
  let world: World;
  const ip = (text: string): string => world.run('ip', ...text.split(' '));

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World();
    // This bridge has an address although it is down, like docker0 without a container.
    ip('link add docker0 type bridge');
    ip('addr add 203.0.113.1/24 dev docker0');
    ip('link add wire type veth peer name end');
    ip('link set wire up');
    ip('link set end up');
    ip('addr add 198.51.100.2/24 dev wire');
    ip('-6 addr add 2001:db8:a::2/64 dev wire nodad');
    ip('route add default via 198.51.100.1');
    ip('-6 route add default via 2001:db8:a::1');
  });
  afterEach(() => world.remove());

  const banned = async (): Promise<readonly string[]> => (await world.bans()).map(({ network }) => network).toSorted();

  it('N045: leads to no ban of an address of a down link, a link-local address or a gateway, but neighbours can be banned', async () => {
    await world.start();
    const clients = ['203.0.113.1', '198.51.100.1', '2001:db8:a::1', '198.51.100.2', 'fe80::1%wire', '203.0.113.9'];
    world.write(clients.map((client, number) => trapLine(client, { number })).join(''));
    await eventually('every hit is counted', async () => (await world.status()).hits === clients.length);
    expect(await banned()).toEqual(['203.0.113.9']);
    expect([...world.firewall().keys()]).toEqual(['203.0.113.9']);
    expect(world.said).toContain("203.0.113.1 not banned, 203.0.113.1 (the machine's own address)");
    expect(world.said).toContain('198.51.100.1 not banned, 198.51.100.1 (a default gateway)');
    expect(world.said).toContain('2001:db8:a::1 not banned, 2001:db8:a::1 (a default gateway)');
    expect(world.said).toContain('fe80::1 not banned, fe80::/10 (link-local)');
    await expect(world.ban(['203.0.113.0/24'])).rejects.toThrow('is never banned');
  });

  it('leads to a ban that is lifted when the address is bound later, on a link that is up or down', async () => {
    await world.start();
    world.write(['203.0.113.77', '203.0.113.78', '2001:db8:b::77'].map((client, number) => trapLine(client, { number })).join(''));
    await eventually('all are banned', async () => (await banned()).length === 3);
    ip('addr add 203.0.113.77/32 dev docker0');
    ip('-6 addr add 2001:db8:b::77/128 dev wire nodad');
    await eventually('the bans of the floating addresses are lifted', async () => (await banned()).length === 1);
    expect(await banned()).toEqual(['203.0.113.78']);
    await eventually('the firewall has only one ban', () => world.firewall().size === 1);
    expect(world.said).toContain("the machine's own addresses are now: ");
  });
});
