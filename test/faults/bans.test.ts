import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

const CLIENT = '203.0.113.7';
const HOUR = 3600;

/** Two jails that read one log. The first jail bans for one hour, and the second jail bans for two hours. */
const TWO_JAILS = `
sync: 1h
jails:
  short: { filter: postfix-spamtrap, bantime: 1h }
  long: { filter: postfix-spamtrap, bantime: 2h }`;

/** Matches a number of seconds with a tolerance of half a minute. */
const about =
  (seconds: number) =>
  (actual: unknown): boolean =>
    typeof actual === 'number' && Math.abs(actual - seconds) < 30;

describe.runIf(root)('bans in a real firewall', () => {
  let world: World;

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  /** The seconds until the firewall's entry for a client ends. Undefined if there is no entry. */
  const left = (client = CLIENT): number | null | undefined => world.firewall().get(client);

  const hit = async (client: string, hits: number, number = 0): Promise<void> => {
    world.write(trapLine(client, { number }));
    await eventually('the hit is counted', async () => (await world.status()).hits === hits);
  };
  const jailsOf = async (): Promise<readonly string[]> => (await world.bans()).map(({ jail }) => jail).toSorted();

  it('of two jails for one network are one element, with the later end', async () => {
    world.configure(TWO_JAILS);
    await world.start();
    await hit(CLIENT, 2);
    expect(await jailsOf()).toEqual(['long', 'short']);
    await eventually('the ban is in the firewall', () => left() !== undefined);
    expect(world.firewall().size).toBe(1);
    expect(left()).toSatisfy(about(2 * HOUR));
  });

  it('of a jail and by hand for one network are one element, which stays until both bans have ended', async () => {
    world.configure('sync: 1h\ndefaults: { bantime: 1h }');
    await world.start();
    await hit(CLIENT, 1);
    await world.ban([CLIENT], { duration: 3000 });
    expect(left()).toSatisfy(about(HOUR));
    await eventually('the ban by hand is over', () => world.said.includes(`manual: unban ${CLIENT}`));
    expect(await jailsOf()).toEqual(['spamtrap']);
    expect(left()).toSatisfy(about(HOUR));
    await world.unban([CLIENT]);
    expect(left()).toBeUndefined();
  });

  it('of one jail can end while the ban of another jail stays in force until its own end', async () => {
    world.configure(TWO_JAILS);
    await world.start();
    await hit(CLIENT, 2);
    // Lifts the longer ban.
    world.configure(TWO_JAILS.replace('bantime: 2h', `bantime: 2h, ignoreip: ['${CLIENT}']`));
    await world.reload();
    expect(await jailsOf()).toEqual(['short']);
    await eventually('the firewall has the shorter end', () => about(HOUR)(left()));
    world.configure(TWO_JAILS.replace('sync: 1h', `sync: 1h\ndefaults: { ignoreip: ['${CLIENT}'] }`));
    await world.reload();
    await eventually('no jail bans the client', () => left() === undefined);
    expect(await jailsOf()).toEqual([]);
  });

  it('have their new end in the kernel when a request by hand makes them longer or shorter', async () => {
    await world.start();
    await world.ban([CLIENT], { duration: 600_000 });
    expect(left()).toSatisfy(about(600));
    await world.ban([CLIENT], { duration: 7_200_000 });
    expect(left()).toSatisfy(about(2 * HOUR));
    await world.ban([CLIENT], { duration: null });
    expect(left()).toBeNull();
    await world.ban([CLIENT], { duration: 60_000 });
    expect(left()).toSatisfy(about(60));
  });

  it('can be lifted in one batch even if the kernel has already removed some of them', async () => {
    await world.start();
    await world.ban(['203.0.113.1', '203.0.113.2', '2001:db8:1::/64'], { duration: null });
    world.run('nft', 'delete element inet trapline ipv4_32 { 203.0.113.1 }');
    world.run('nft', 'delete element inet trapline ipv6_64 { 2001:db8:1:: }');
    await world.unban(['203.0.113.0/24', '2001:db8:1::/64']);
    expect(world.firewall().size).toBe(0);
    expect((await world.status()).actions).toEqual([expect.objectContaining({ state: 'ok', owed: 0, lastError: null })]);
  });

  it('that already exist can be in one batch with new bans', async () => {
    await world.start();
    await world.ban(['203.0.113.1', '203.0.113.2'], { duration: 60_000 });
    await world.ban(['203.0.113.2', '203.0.113.3', '2001:db8:1::/64'], { duration: 7_200_000 });
    expect(left('203.0.113.1')).toSatisfy(about(60));
    for (const client of ['203.0.113.2', '203.0.113.3', '2001:db8:1::/64']) expect(left(client)).toSatisfy(about(2 * HOUR));
  });
});
