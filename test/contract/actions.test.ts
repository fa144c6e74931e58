import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fake, print, type FakeBench } from '../support/actions-benches.ts';
import { describeContract, describeRefusal, describeWave } from '../support/actions-contract.ts';
import { entry, manyHosts, network } from '../support/actions-words.ts';

const PF = { rules: ['anchor "trapline" all', 'pass in all flags S/SA'], tables: {} };
const SPAMD = { rules: [], tables: { 'spamd-white': ['203.0.113.1'], trapline: [] } };

const pf = (): FakeBench => fake('pf', PF);
const spamd = (): FakeBench => fake('spamd', SPAMD);

describeContract('print', print);
describeContract('pf, against a stand-in', pf);
describeWave('pf, against a stand-in', pf, 1);
describeRefusal('pf, against a stand-in', pf);
describeContract('spamd, against a stand-in', spamd);
describeWave('spamd, against a stand-in', spamd, 3);
describeRefusal('spamd, against a stand-in', spamd);

describe('pf', () => {
  it('F08: says which line is missing when the anchor is not in force', async () => {
    const bench = fake('pf', { rules: ['pass in all flags S/SA'], tables: {} });
    await expect(bench.action().open()).rejects.toThrow(
      /^pfctl -s rules: anchor "trapline" is not in force, add the line: anchor "trapline" to/,
    );
    bench.remove();
  });

  it('F08: touches nothing outside its anchor', async () => {
    const before = { rules: ['anchor "trapline" all', 'pass in all'], tables: { bruteforce: ['198.51.100.1'] } };
    const bench = fake('pf', before);
    const action = bench.action({ ports: 'all', block: 'reject' });
    await action.open();
    await action.replace([entry('192.0.2.7')]);
    await action.ban([entry('198.51.100.1')]);
    await action.unban([network('198.51.100.1')]);
    const state = JSON.parse(readFileSync(join(bench.folder.path, 'pfctl.json'), 'utf8')) as Record<string, unknown>;
    expect(state).toEqual({
      ...before,
      anchors: { trapline: { rules: ['block return in quick from <trapline> to any'], tables: { trapline: ['192.0.2.7'] } } },
    });
    bench.remove();
  });

  it('counts a table behind a missing rule as no ban', async () => {
    const bench = fake('pf', PF);
    const action = bench.action();
    await action.open();
    await action.ban([entry('192.0.2.7')]);
    expect(await action.list?.()).toEqual(['192.0.2.7/32']);
    const path = join(bench.folder.path, 'pfctl.json');
    bench.folder.write('pfctl.json', readFileSync(path, 'utf8').replace('anchor \\"trapline\\" all', 'pass all'));
    expect(await action.list?.()).toEqual([]);
    bench.remove();
  });
});

describe('spamd', () => {
  it('says which lines are missing when the table is not there', async () => {
    const bench = fake('spamd', { rules: [], tables: {} });
    await expect(bench.action().open()).rejects.toThrow(/table <trapline> is not in \/etc\/pf\.conf, add the lines/);
    bench.remove();
  });

  it('traps hosts, leaves networks to the table, and lets alone what spamd trapped by itself', async () => {
    const bench = fake('spamd', SPAMD);
    const action = bench.action();
    await action.open();
    await action.ban([entry('192.0.2.7'), entry('203.0.113.1'), entry('198.51.100.0/24')]);
    await action.replace([entry('192.0.2.7')]);
    const entries: unknown = JSON.parse(readFileSync(join(bench.folder.path, 'spamdb.json'), 'utf8'));
    expect(entries).toEqual({ '198.51.100.99': 'TRAPPED', '192.0.2.7': 'TRAPPED' });
    expect(await action.list?.()).toEqual(['192.0.2.7/32']);
    bench.remove();
  });

  it('traps as many addresses with one program as a command line holds', async () => {
    const bench = fake('spamd', SPAMD);
    const action = bench.action();
    await action.ban(manyHosts(30_000));
    expect(bench.started().map((line) => line.replace(/ 10\..*/, ''))).toEqual([
      expect.stringMatching(/spamdb -t -a$/),
      expect.stringMatching(/spamdb -t -a$/),
      expect.stringMatching(/pfctl -q -t trapline -T add -f -$/),
    ]);
    bench.remove();
  });
});

describe('print', () => {
  it('says what it would do, and nothing when nothing changes', async () => {
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
