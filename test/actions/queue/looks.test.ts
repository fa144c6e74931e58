import { describe, expect, it } from 'vitest';
import { Looks } from '../../../src/actions/queue/looks.ts';
import { entry, network } from '../../support/actions/words.ts';

const CLIENT = network('192.0.2.7');

/** A comparison that fails, so that it answers no look. */
const failed = async (): Promise<void> => {};

describe('a look, which finds out whether a firewall held a network', () => {
  it.each([
    [{ count: 0, text: '', missing: [], extra: [] }, 'held'],
    [{ count: 1, text: '', missing: [network('192.0.2.8')], extra: [] }, 'held'],
    [{ count: 2, text: '', missing: [network('192.0.2.8'), CLIENT], extra: [] }, 'lacked'],
    [{ count: 1, text: '', missing: undefined, extra: [] }, 'lacked'],
    [undefined, 'unknown'],
  ])('has the answer that follows from the result of a comparison: %j leads to %s', async (found, answer) => {
    const looks = new Looks();
    expect(await looks.of(CLIENT, async () => looks.settle(found))).toBe(answer);
  });

  it('has the answer "owed" when the comparison failed, even after a look with another answer', async () => {
    const looks = new Looks();
    expect(await looks.of(CLIENT, failed)).toBe('owed');
    expect(await looks.of(CLIENT, async () => looks.settle({ count: 0, text: '', missing: [], extra: [] }))).toBe('held');
    expect(await looks.of(CLIENT, failed)).toBe('owed');
  });

  it('adds its network to a sample once, and only while it waits for its answer', async () => {
    const looks = new Looks();
    const sample = { sample: [entry('192.0.2.8')], count: 1000 };
    const networks = (): unknown => {
      const found = looks.among(() => sample)(1);
      return 'sample' in found ? found.sample.map((one) => one.network) : found;
    };
    expect(networks()).toEqual([network('192.0.2.8')]);
    const seen: unknown[] = [];
    const see = async (): Promise<void> => void seen.push(networks());
    await Promise.all([looks.of(CLIENT, see), looks.of(network('192.0.2.8'), see), looks.of(CLIENT, see)]);
    expect(seen.at(-1)).toEqual([network('192.0.2.8'), CLIENT]);
    expect(networks()).toEqual([network('192.0.2.8')]);
  });

  it('puts its network first in a list of bans, and adds no network that is not banned', async () => {
    const looks = new Looks();
    const list = [entry('192.0.2.8'), { network: CLIENT, until: null }, entry('192.0.2.9')];
    await looks.of(CLIENT, async () => expect(looks.among(() => list)(1)).toEqual([list[1], list[0], list[2]]));
    await looks.of(CLIENT, async () => expect(looks.among(() => list.slice(0, 1))(1)).toEqual(list.slice(0, 1)));
  });
});
