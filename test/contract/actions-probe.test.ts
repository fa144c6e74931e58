// Tests `probe` of the shipped actions with the real programs: it changes nothing, and shows that a right is missing.
import { describe, expect, it, beforeAll, afterAll } from 'vitest';
import { loadAction } from '../../src/actions/enforce.ts';
import { Namespace } from '../support/actions/wire.ts';
import { KeptLog } from '../support/actions/words.ts';
import { root } from '../support/privileges.ts';

const probe = (name: string, wrap: readonly string[]): Promise<readonly string[]> => {
  const action = loadAction(name, {}, { log: new KeptLog().log, clock: Date.now, wrap, patience: 60_000 });
  return action.probe?.() ?? Promise.resolve(['cannot be asked']);
};

describe.runIf(root)('the steps `probe`, in a network namespace,', () => {
  let namespace: Namespace;
  beforeAll(() => {
    namespace = new Namespace('p');
  });
  afterAll(() => namespace.remove());

  const rules = (): string => namespace.run('nft', 'list', 'ruleset');

  it.each(['nftables', 'ipset', 'iptables'])('of %s succeed and change nothing', async (name) => {
    const before = rules();
    expect(await probe(name, namespace.inside())).toEqual([]);
    expect(rules()).toBe(before);
  });

  it.each(['nftables', 'ipset', 'iptables'])('of %s report that CAP_NET_ADMIN is missing', async (name) => {
    const wrap = [...namespace.inside(), 'setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'];
    const faults = await probe(name, wrap);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toMatch(/not permitted|[Pp]ermission denied/);
  });
});
