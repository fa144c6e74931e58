import { describe, expect, it } from 'vitest';
import { fake, print, type FakeBench } from '../support/actions/benches.ts';
import { describeContract, describeRefusal, describeWave } from '../support/actions/contract.ts';
import { entry, network } from '../support/actions/words.ts';

const PF = { rules: ['anchor "trapline" all', 'pass in all flags S/SA'], tables: {} };
const SPAMD = { rules: [], tables: { 'spamd-white': ['203.0.113.1'], trapline: [] } };

const pf = (): FakeBench => fake('pf', PF);
const spamd = (): FakeBench => fake('spamd', SPAMD);

describeContract('print', print);
describeContract('pf (stand-in)', pf);
describeWave('pf (stand-in)', pf, 1);
describeRefusal('pf (stand-in)', pf);
describeContract('spamd (stand-in)', spamd);
describeWave('spamd (stand-in)', spamd, 3);
describeRefusal('spamd (stand-in)', spamd);

describe('print', () => {
  it('prints the changes of a firewall, and prints nothing when nothing changes', async () => {
    const bench = print();
    const until = Date.now() + 600_000;
    const wanted = [{ network: network('192.0.2.7'), until }, entry('2001:db8:1:2::/64', 'forever')];
    await bench.action().replace(wanted);
    await bench.action().replace(wanted);
    await bench.action().unban([network('192.0.2.7'), network('192.0.2.8')]);
    expect(bench.lines).toEqual([
      `would ban 192.0.2.7 for 10m, until ${new Date(until).toISOString()}`,
      'would ban 2001:db8:1:2::/64 for ever',
      'would unban 192.0.2.7',
    ]);
  });
});
