// The tests that every action must pass, and further tests for properties that only some firewalls have.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Network } from '../../../src/lib/address.ts';
import type { Action } from '../../../src/words/firewall.ts';
import { entry, heldBy, manyHosts, network, type Bench } from './words.ts';
import { until } from '../until.ts';

/** A network that every firewall refuses. `parseNetwork` never returns it. */
const BAD = '192.0.2.999/32' as Network;

/** Makes one firewall for all tests of a suite, and for each test a new action on this firewall, open and without bans. */
class Ready {
  #firewall: Bench | undefined;
  #now: Action | undefined;

  constructor(make: () => Bench) {
    beforeAll(() => {
      this.#firewall = make();
    });
    afterAll(() => this.#firewall?.remove());
    beforeEach(async () => {
      this.#now = this.firewall.action();
      await this.#now.open();
      await this.#now.replace([]);
      this.firewall.started();
    });
    afterEach(() => this.#now?.close());
  }

  get firewall(): Bench {
    if (!this.#firewall) throw new Error('used outside of a test');
    return this.#firewall;
  }

  get now(): Action {
    if (!this.#now) throw new Error('used outside of a test');
    return this.#now;
  }
}

/** The tests for every action. */
export function describeContract(name: string, make: () => Bench): void {
  describe(`the action ${name}`, () => {
    const bench = new Ready(make);

    it('holds no ban at first', async () => {
      expect(await heldBy(bench.now)).toEqual([]);
    });

    it('F15: keeps existing bans when it is opened again', async () => {
      await bench.now.ban([entry('192.0.2.7')]);
      await bench.now.open();
      const after = bench.firewall.action();
      await after.open();
      expect(await heldBy(after)).toEqual(['192.0.2.7/32']);
      await after.ban([entry('192.0.2.8')]);
      expect(await heldBy(after)).toEqual(['192.0.2.7/32', '192.0.2.8/32']);
    });

    it('sets bans of hosts and networks in both families', async () => {
      const texts = ['192.0.2.7', '198.51.100.0/24', '10.0.0.0/9', '2001:db8::7', '2001:db8:1:2::/64', '2001:db8:2::/48'];
      expect(await bench.now.ban(texts.map((text) => entry(text)))).toEqual([]);
      expect(await heldBy(bench.now)).toEqual(texts.map(network).toSorted());
    });

    it('lifts the ban of one network, and keeps the other bans', async () => {
      await bench.now.ban(['192.0.2.7', '192.0.2.8', '2001:db8:1:2::/64', '2001:db8:1:3::/64'].map((text) => entry(text)));
      expect(await bench.now.unban([network('192.0.2.7'), network('2001:db8:1:2::/64')])).toEqual([]);
      expect(await heldBy(bench.now)).toEqual(['192.0.2.8/32', '2001:db8:1:3::/64']);
    });

    it('accepts an unban of networks that are not banned', async () => {
      await bench.now.ban([entry('192.0.2.7'), entry('192.0.2.8')]);
      const gone = ['192.0.2.99', '192.0.2.7', '203.0.113.0/24', '2001:db8::99', '2001:db8:9::/64'].map(network);
      expect(await bench.now.unban(gone)).toEqual([]);
      expect(await heldBy(bench.now)).toEqual(['192.0.2.8/32']);
    });

    it('F03: bans a network and a host inside it, and keeps the ban of the host when the ban of the network is lifted', async () => {
      await bench.now.ban([entry('192.0.2.0/24')]);
      await bench.now.ban([entry('192.0.2.7'), entry('192.0.0.0/16')]);
      expect(await heldBy(bench.now)).toEqual(['192.0.0.0/16', '192.0.2.0/24', '192.0.2.7/32']);
      expect(await bench.now.unban([network('192.0.2.0/24')])).toEqual([]);
      expect(await heldBy(bench.now)).toEqual(['192.0.0.0/16', '192.0.2.7/32']);
    });

    it('holds exactly the entries that were passed to `replace`', async () => {
      await bench.now.ban([entry('192.0.2.7'), entry('192.0.2.8'), entry('198.51.100.0/24'), entry('2001:db8::7')]);
      const wanted = [entry('192.0.2.8', 60), entry('203.0.113.0/24'), entry('2001:db8:1:2::/64', 'forever')];
      expect(await bench.now.replace(wanted)).toEqual([]);
      expect(await heldBy(bench.now)).toEqual(['192.0.2.8/32', '2001:db8:1:2::/64', '203.0.113.0/24']);
    });

    it('holds a network once after two bans', async () => {
      await bench.now.ban([entry('192.0.2.7', 60), entry('2001:db8:1:2::/64', 60)]);
      await bench.now.ban([entry('192.0.2.7', 3600), entry('2001:db8:1:2::/64', 3600)]);
      expect(await heldBy(bench.now)).toEqual(['192.0.2.7/32', '2001:db8:1:2::/64']);
      await bench.now.unban([network('192.0.2.7'), network('2001:db8:1:2::/64')]);
      expect(await heldBy(bench.now)).toEqual([]);
    });

    it('keeps the bans when it is closed', async () => {
      await bench.now.ban([entry('192.0.2.7')]);
      await bench.now.close();
      expect(await heldBy(bench.firewall.action())).toEqual(['192.0.2.7/32']);
    });
  });
}

/** The tests for actions that start programs. For a batch of any size, a ban or unban starts at most `programs` programs, a replacement one more. */
export function describeWave(name: string, make: () => Bench, programs: number): void {
  describe(`the action ${name}, with very many bans,`, () => {
    const bench = new Ready(make);

    it(`starts at most ${programs} programs for a ban or unban of 10,000 networks`, async () => {
      const wave = manyHosts(10_000);
      expect(await bench.now.ban(wave)).toEqual([]);
      expect(bench.firewall.started().length).toBeLessThanOrEqual(programs);
      expect(await heldBy(bench.now)).toHaveLength(10_000);
      bench.firewall.started();
      expect(await bench.now.unban(wave.slice(1).map((one) => one.network))).toEqual([]);
      expect(bench.firewall.started().length).toBeLessThanOrEqual(programs);
      expect(await heldBy(bench.now)).toEqual(['10.0.0.1/32']);
      bench.firewall.started();
      await bench.now.replace(wave);
      expect(bench.firewall.started().length).toBeLessThanOrEqual(programs + 1);
      expect(await heldBy(bench.now)).toHaveLength(10_000);
    });
  });
}

/** The test for actions that refuse a bad address. */
export function describeRefusal(name: string, make: () => Bench): void {
  describe(`the action ${name}, with a bad address,`, () => {
    const bench = new Ready(make);

    it('refuses the bad address of a batch, and bans the other addresses', async () => {
      const bad = { network: BAD, until: null };
      const refused = await bench.now.ban([entry('192.0.2.7'), bad, ...manyHosts(20), entry('2001:db8::7')]);
      expect(refused.map((one) => one.network)).toEqual([BAD]);
      expect(refused[0]?.because).toMatch(/\S/);
      expect(await heldBy(bench.now)).toHaveLength(22);
      const again = await bench.now.replace([entry('192.0.2.8'), bad]);
      expect(again.map((one) => one.network)).toEqual([BAD]);
      expect(await heldBy(bench.now)).toEqual(['192.0.2.8/32']);
    });
  });
}

/** The tests for actions with which the kernel ends bans. */
export function describeTimeouts(name: string, make: () => Bench): void {
  describe(`the action ${name}, with time-outs in the kernel,`, () => {
    const bench = new Ready(make);
    const left = (text: string): number | null | undefined => bench.firewall.remaining?.(network(text));

    it('passes the remaining time to the kernel', async () => {
      await bench.now.ban([entry('192.0.2.7', 600), entry('192.0.2.8', 'forever'), entry('2001:db8:1:2::/64', 7200)]);
      expect(left('192.0.2.7')).toBeGreaterThan(500);
      expect(left('192.0.2.7')).toBeLessThanOrEqual(600);
      expect(left('192.0.2.8')).toBeNull();
      expect(left('2001:db8:1:2::/64')).toBeGreaterThan(7000);
    });

    it('changes the end of a ban to a later end, to an earlier end, and to no end', async () => {
      await bench.now.ban([entry('192.0.2.7', 60)]);
      await bench.now.ban([entry('192.0.2.7', 3600)]);
      expect(left('192.0.2.7')).toBeGreaterThan(3500);
      await bench.now.ban([entry('192.0.2.7', 300)]);
      expect(left('192.0.2.7')).toBeLessThanOrEqual(300);
      await bench.now.ban([entry('192.0.2.7', 'forever')]);
      expect(left('192.0.2.7')).toBeNull();
      await bench.now.ban([entry('192.0.2.7', 60)]);
      expect(left('192.0.2.7')).toBeLessThanOrEqual(60);
    });

    it('gives the kernel a shorter time for a ban that is longer than the kernel allows', async () => {
      await bench.now.ban([entry('192.0.2.7', 100 * 365 * 86_400)]);
      expect(left('192.0.2.7')).toBeGreaterThan(24 * 86_400 - 60);
      expect(bench.now.horizon).toBeGreaterThan(24 * 86_400_000 - 60_000);
    });

    it('lets the kernel end a ban, and then accepts an unban of it', async () => {
      await bench.now.ban([entry('192.0.2.7', 1), entry('2001:db8:1:2::/64', 1), entry('192.0.2.8', 600)]);
      await until('the kernel ends two bans', async () => (await heldBy(bench.now)).length === 1);
      expect(await heldBy(bench.now)).toEqual(['192.0.2.8/32']);
      expect(await bench.now.unban([network('192.0.2.7'), network('192.0.2.8')])).toEqual([]);
      expect(await heldBy(bench.now)).toEqual([]);
    });
  });
}
