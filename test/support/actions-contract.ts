// What every action promises, whatever it is made of: one suite, run against each firewall.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Network } from '../../src/lib/address.ts';
import type { Action } from '../../src/types.ts';
import { entry, manyHosts, network, type Bench } from './actions-words.ts';
import { until } from './e2e-until.ts';

/** What a firewall can, beyond what all can. */
export interface Abilities {
  /** It ends bans by itself. */
  readonly timeouts: boolean;
  /** It looks at addresses, and refuses what is none. */
  readonly refuses: boolean;
  /** Programs that a batch of one family may take at most. */
  readonly programs: number;
}

/** No firewall takes it, and the address parser would never make it. */
const BAD = '192.0.2.999/32' as Network;

const sorted = async (action: Action): Promise<string[]> => [...((await action.list?.()) ?? [])].toSorted();

/** Runs the suite over a bench. */
export function describeContract(name: string, make: () => Bench, abilities: Abilities): void {
  describe(`the action ${name}`, () => {
    let bench: Bench;
    let action: Action;

    beforeAll(() => {
      bench = make();
    });

    afterAll(() => bench.remove());

    beforeEach(async () => {
      action = bench.action();
      await action.open();
      await action.replace([]);
      bench.started();
    });

    it('holds nothing at first', async () => {
      expect(await sorted(action)).toEqual([]);
    });

    it('F15: opens again over what is there, and keeps it', async () => {
      await action.ban([entry('192.0.2.7')]);
      await action.open();
      const after = bench.action();
      await after.open();
      expect(await sorted(after)).toEqual(['192.0.2.7/32']);
      await after.ban([entry('192.0.2.8')]);
      expect(await sorted(after)).toEqual(['192.0.2.7/32', '192.0.2.8/32']);
    });

    it('bans hosts and networks of both families', async () => {
      const texts = ['192.0.2.7', '198.51.100.0/24', '10.0.0.0/9', '2001:db8::7', '2001:db8:1:2::/64', '2001:db8:2::/48'];
      expect(await action.ban(texts.map((text) => entry(text)))).toEqual([]);
      expect(await sorted(action)).toEqual(texts.map(network).toSorted());
    });

    it('unbans one, and keeps the others', async () => {
      await action.ban(['192.0.2.7', '192.0.2.8', '2001:db8:1:2::/64', '2001:db8:1:3::/64'].map((text) => entry(text)));
      expect(await action.unban([network('192.0.2.7'), network('2001:db8:1:2::/64')])).toEqual([]);
      expect(await sorted(action)).toEqual(['192.0.2.8/32', '2001:db8:1:3::/64']);
    });

    it('takes it well when what is to be unbanned is not there', async () => {
      await action.ban([entry('192.0.2.7'), entry('192.0.2.8')]);
      const gone = ['192.0.2.99', '192.0.2.7', '203.0.113.0/24', '2001:db8::99', '2001:db8:9::/64'].map(network);
      expect(await action.unban(gone)).toEqual([]);
      expect(await sorted(action)).toEqual(['192.0.2.8/32']);
    });

    it('F03: bans a network and a host inside it, and keeps the host when the network is let go', async () => {
      await action.ban([entry('192.0.2.0/24')]);
      await action.ban([entry('192.0.2.7'), entry('192.0.0.0/16')]);
      expect(await sorted(action)).toEqual(['192.0.0.0/16', '192.0.2.0/24', '192.0.2.7/32']);
      expect(await action.unban([network('192.0.2.0/24')])).toEqual([]);
      expect(await sorted(action)).toEqual(['192.0.0.0/16', '192.0.2.7/32']);
    });

    it('holds exactly what it is told to replace everything with', async () => {
      await action.ban([entry('192.0.2.7'), entry('192.0.2.8'), entry('198.51.100.0/24'), entry('2001:db8::7')]);
      const wanted = [entry('192.0.2.8', 60), entry('203.0.113.0/24'), entry('2001:db8:1:2::/64', 'forever')];
      expect(await action.replace(wanted)).toEqual([]);
      expect(await sorted(action)).toEqual(['192.0.2.8/32', '2001:db8:1:2::/64', '203.0.113.0/24']);
    });

    it('bans again what is banned, once', async () => {
      await action.ban([entry('192.0.2.7', 60), entry('2001:db8:1:2::/64', 60)]);
      await action.ban([entry('192.0.2.7', 3600), entry('2001:db8:1:2::/64', 3600)]);
      expect(await sorted(action)).toEqual(['192.0.2.7/32', '2001:db8:1:2::/64']);
      await action.unban([network('192.0.2.7'), network('2001:db8:1:2::/64')]);
      expect(await sorted(action)).toEqual([]);
    });

    if (abilities.programs > 0) {
      it(`bans, unbans and replaces 10,000 with at most ${abilities.programs} programs each`, async () => {
        const wave = manyHosts(10_000);
        expect(await action.ban(wave)).toEqual([]);
        expect(bench.started().length).toBeLessThanOrEqual(abilities.programs);
        expect(await sorted(action)).toHaveLength(10_000);
        bench.started();
        expect(await action.unban(wave.slice(1).map((one) => one.network))).toEqual([]);
        expect(bench.started().length).toBeLessThanOrEqual(abilities.programs);
        expect(await sorted(action)).toEqual(['10.0.0.1/32']);
        bench.started();
        await action.replace(wave);
        expect(bench.started().length).toBeLessThanOrEqual(abilities.programs + 1);
        expect(await sorted(action)).toHaveLength(10_000);
      });
    }

    if (abilities.refuses) {
      it('names the one bad element of a batch, and takes the rest', async () => {
        const bad = { network: BAD, until: null };
        const refused = await action.ban([entry('192.0.2.7'), bad, ...manyHosts(20), entry('2001:db8::7')]);
        expect(refused.map((one) => one.network)).toEqual([BAD]);
        expect(refused[0]?.because).toMatch(/\S/);
        expect(await sorted(action)).toHaveLength(22);
        const again = await action.replace([entry('192.0.2.8'), bad]);
        expect(again.map((one) => one.network)).toEqual([BAD]);
        expect(await sorted(action)).toEqual(['192.0.2.8/32']);
      });
    }

    if (abilities.timeouts) {
      const left = (text: string): number | null | undefined => bench.remaining?.(network(text));

      it('hands the remaining time to the kernel', async () => {
        await action.ban([entry('192.0.2.7', 600), entry('192.0.2.8', 'forever'), entry('2001:db8:1:2::/64', 7200)]);
        expect(left('192.0.2.7')).toBeGreaterThan(500);
        expect(left('192.0.2.7')).toBeLessThanOrEqual(600);
        expect(left('192.0.2.8')).toBeNull();
        expect(left('2001:db8:1:2::/64')).toBeGreaterThan(7000);
      });

      it('moves the end of a ban, further away, nearer, and for ever', async () => {
        await action.ban([entry('192.0.2.7', 60)]);
        await action.ban([entry('192.0.2.7', 3600)]);
        expect(left('192.0.2.7')).toBeGreaterThan(3500);
        await action.ban([entry('192.0.2.7', 300)]);
        expect(left('192.0.2.7')).toBeLessThanOrEqual(300);
        await action.ban([entry('192.0.2.7', 'forever')]);
        expect(left('192.0.2.7')).toBeNull();
        await action.ban([entry('192.0.2.7', 60)]);
        expect(left('192.0.2.7')).toBeLessThanOrEqual(60);
      });

      it('cuts an end that lies too far ahead', async () => {
        await action.ban([entry('192.0.2.7', 100 * 365 * 86_400)]);
        expect(left('192.0.2.7')).toBeGreaterThan(24 * 86_400 - 60);
        expect(action.horizon).toBeGreaterThan(24 * 86_400_000 - 60_000);
      });

      it('lets the kernel end a ban', async () => {
        await action.ban([entry('192.0.2.7', 1), entry('2001:db8:1:2::/64', 1), entry('192.0.2.8', 600)]);
        await until('the kernel ends two bans', async () => (await sorted(action)).length === 1);
        expect(await sorted(action)).toEqual(['192.0.2.8/32']);
        expect(await action.unban([network('192.0.2.7'), network('192.0.2.8')])).toEqual([]);
        expect(await sorted(action)).toEqual([]);
      });
    }

    it('keeps the bans when it is closed', async () => {
      await action.ban([entry('192.0.2.7')]);
      await action.close();
      expect(await sorted(bench.action())).toEqual(['192.0.2.7/32']);
    });
  });
}
