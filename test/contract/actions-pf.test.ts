// Tests the actions pf and spamd with stand-ins for pfctl and spamdb. The stand-ins have the syntax, the output and the limits of the
// real programs of OpenBSD and FreeBSD, according to their sources.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Enforcer, loadAction } from '../../src/actions/enforce.ts';
import { fake, type FakeBench, type FakeState } from '../support/actions/benches.ts';
import { entry, heldBy, KeptLog, manyHosts, network, set } from '../support/actions/words.ts';

const RULES = ['anchor "trapline" all', 'pass in all flags S/SA'];
const PF = { rules: RULES, tables: {} };
const SPAMD = { rules: [], tables: { 'spamd-white': ['203.0.113.1'], trapline: [] } };

const benches: FakeBench[] = [];
afterEach(() => {
  for (const made of benches.splice(0)) made.remove();
});

function bench(type: 'pf' | 'spamd', state: FakeState): FakeBench {
  const made = fake(type, state);
  benches.push(made);
  return made;
}

/** The command lines of the started programs, without wrappers and without addresses of 10.0.0.0/8. */
const started = (from: FakeBench): string[] => from.started().map((line) => line.replace(/^env \S+ /, '').replace(/ 10\..*/, ''));

describe('pf', () => {
  it('F08: names the missing line when the anchor is not in force', async () => {
    await expect(
      bench('pf', { rules: ['pass in all flags S/SA'], tables: {} })
        .action()
        .open(),
    ).rejects.toThrow(/^pfctl -s rules: anchor "trapline" is not in force, add the line: anchor "trapline" to/);
  });

  it.each([
    'anchor "trapline/*" all',
    'anchor "trapline" out all',
    'anchor "trapline2" all',
    'anchor "mail/trapline" all',
    'nat-anchor "trapline" all',
    'pass in all # anchor "trapline" all',
  ])('F08: is not opened when the only line about the anchor is: %s', async (rule) => {
    const pf = bench('pf', { ...PF, rules: [rule] });
    await expect(pf.action().open()).rejects.toThrow('anchor "trapline" is not in force');
    pf.change(PF);
    const action = pf.action();
    await action.open();
    await action.ban([entry('192.0.2.7')]);
    expect(await heldBy(action)).toEqual(['192.0.2.7/32']);
    pf.change({ rules: [rule] });
    expect(await heldBy(action)).toEqual([]);
  });

  it.each([
    'anchor "/trapline" all',
    'anchor "trapline" in on em0 all',
    'anchor "trapline" inet proto tcp from any to any port = 25',
  ])('accepts as the line of the anchor: %s', async (rule) => {
    const action = bench('pf', { ...PF, rules: [rule] }).action();
    await action.open();
    await action.ban([entry('192.0.2.7')]);
    expect(await heldBy(action)).toEqual(['192.0.2.7/32']);
  });

  it('matches a dot in the name of an anchor or table only with a dot', async () => {
    const pf = bench('pf', { ...PF, rules: ['anchor "mailxtrap" all'] });
    await expect(pf.action({ anchor: 'mail.trap' }).open()).rejects.toThrow('anchor "mail.trap" is not in force');
  });

  it('F08: changes nothing outside its anchor', async () => {
    const before = { rules: ['anchor "trapline" all', 'pass in all'], tables: { bruteforce: ['198.51.100.1'] } };
    const pf = bench('pf', before);
    const action = pf.action({ ports: 'all', block: 'reject' });
    await action.open();
    await action.replace([entry('192.0.2.7')]);
    await action.ban([entry('198.51.100.1')]);
    await action.unban([network('198.51.100.1')]);
    expect(pf.state()).toMatchObject({ ...before, anchors: { trapline: { tables: { trapline: ['192.0.2.7'] } } } });
  });

  it('fails with advice while pf is switched off, and counts no ban as in force', async () => {
    const pf = bench('pf', { ...PF, enabled: false });
    const action = pf.action();
    await expect(action.open()).rejects.toThrow(/^pfctl -s info: pf is switched off, run "pfctl -e"/);
    pf.change({ enabled: true });
    await action.open();
    await action.ban([entry('192.0.2.7')]);
    expect(await heldBy(action)).toEqual(['192.0.2.7/32']);
    pf.change({ enabled: false });
    expect(await heldBy(action)).toEqual([]);
  });

  it.each(['openbsd', 'freebsd'])(
    'does not count entries of a table without a rule as bans (with rules as %s prints them)',
    async (system) => {
      const pf = bench('pf', { ...PF, system });
      const action = pf.action();
      expect(await heldBy(action)).toEqual([]);
      await action.open();
      await action.ban([entry('192.0.2.7')]);
      expect(await heldBy(action)).toEqual(['192.0.2.7/32']);
      pf.change({ anchors: { trapline: { rules: [], tables: { trapline: ['192.0.2.7'] } } } });
      expect(await heldBy(action)).toEqual([]);
    },
  );

  it('F09: removes the states of the clients and networks of a small batch, and no other states', async () => {
    const states = ['192.0.2.7', '192.0.2.7', '192.0.2.8', '2001:db8:1:2::9', '2001:db8:1:3::9', '198.51.100.1'];
    const pf = bench('pf', { ...PF, states });
    const action = pf.action();
    await action.open();
    expect(await action.ban([entry('192.0.2.7'), entry('2001:db8:1:2::/64')])).toEqual([]);
    expect(pf.state()['states']).toEqual(['192.0.2.8', '2001:db8:1:3::9', '198.51.100.1']);
    pf.started();
    await action.ban(manyHosts(16));
    expect(pf.started()).toHaveLength(17);
    await action.ban(manyHosts(17));
    expect(pf.started()).toHaveLength(1);
  });

  it('F09: keeps a ban whose states cannot be removed, and logs one notice', async () => {
    const pf = bench('pf', { ...PF, broken: 'k' });
    const action = pf.action();
    await action.open();
    expect(await action.ban([entry('192.0.2.7'), entry('192.0.2.8')])).toEqual([]);
    expect(await action.ban([entry('192.0.2.7')])).toEqual([]);
    expect(await heldBy(action)).toEqual(['192.0.2.7/32', '192.0.2.8/32']);
    expect(pf.log.lines).toEqual([
      'notice: pf: pfctl -q -k 192.0.2.7: pfctl: DIOCKILLSTATES: Operation not permitted; the bans are in force nevertheless',
    ]);
  });

  it('reports the reason of a failure, and not a warning before the reason', async () => {
    const pf = bench('pf', { rules: RULES, tables: { trapline: [] } });
    const action = pf.action();
    await action.open();
    const refused = await action.ban([
      { network: network('192.0.2.7'), until: null },
      { ...entry('192.0.2.8'), network: 'bad' as never },
    ]);
    expect(refused).toEqual([{ network: 'bad', because: expect.stringMatching(/: no IP address found for bad$/) }]);
  });
});

describe('pf of FreeBSD, whose net.pf.request_maxcount is 65,535', () => {
  const FREEBSD = { ...PF, system: 'freebsd', maxcount: 65_535 };
  const wanted = manyHosts(70_001);

  it.each([32_768, 32_769, 65_535])('holds exactly %i bans after a replacement in one call or in parts', async (count) => {
    const pf = bench('pf', FREEBSD);
    const action = pf.action();
    await action.open();
    await action.ban([entry('192.0.2.7'), ...wanted.slice(0, 10)]);
    pf.started();
    expect(await action.replace(wanted.slice(0, count))).toEqual([]);
    expect(await heldBy(action)).toHaveLength(count);
    const calls = started(pf).join('\n');
    expect(calls.includes('-T delete')).toBe(count > 32_768);
    const drift = await action.check(() => wanted.slice(0, count));
    expect(drift).toEqual({ kind: 'listed', missing: [], extra: [] });
  });

  it('holds exactly the wanted bans after a replacement with more bans than pf can list', async () => {
    const pf = bench('pf', FREEBSD);
    const action = pf.action();
    await action.open();
    await action.ban([entry('192.0.2.7')]);
    expect(await action.replace(wanted)).toEqual([]);
    const { trapline } = pf.state()['anchors'] as { trapline: { tables: { trapline: string[] } } };
    expect(trapline.tables.trapline).toHaveLength(wanted.length);
    expect(trapline.tables.trapline).not.toContain('192.0.2.7');
  });

  it('looks up a sample of hosts and networks when there are more bans than pf can list', async () => {
    const action = bench('pf', FREEBSD).action();
    await action.open();
    await action.ban([entry('192.0.2.7'), entry('2001:db8:1:2::/64')]);
    const sample = [entry('192.0.2.7'), entry('2001:db8:1:2::/64')];
    const limits: number[] = [];
    const check = (more: readonly ReturnType<typeof entry>[]): Promise<unknown> =>
      action.check((most) => {
        limits.push(most);
        return { sample: [...sample, ...more], count: 70_000 };
      });
    expect(await check([])).toMatchObject({ complete: true });
    expect(await check([entry('192.0.2.8')])).toMatchObject({ complete: false });
    expect(limits).toEqual([65_535, 65_535]);
  });

  it('looks up a sample, and replaces all bans correctly, when the table has more entries than pf can list', async () => {
    const action = bench('pf', FREEBSD).action();
    await action.open();
    await action.ban(wanted);
    const fewer = wanted.slice(0, 40_000);
    expect(await action.check(() => fewer)).toEqual({ kind: 'sampled', looked: 2000, complete: true });
    expect(await action.replace(fewer)).toEqual([]);
    expect(await action.check(() => fewer)).toEqual({ kind: 'listed', missing: [], extra: [] });
  });

  it('bans and unbans more networks than pf takes in one call', async () => {
    const pf = bench('pf', FREEBSD);
    const action = pf.action();
    await action.open();
    expect(await action.ban(wanted)).toEqual([]);
    expect(await action.unban(wanted.slice(1).map((one) => one.network))).toEqual([]);
    expect(await heldBy(action)).toEqual(['10.0.0.1/32']);
  });

  it('F05: sets the bans that fit below the limit of table entries, and reports the other bans as refused', async () => {
    const pf = bench('pf', { ...FREEBSD, entries: 5, tables: { geo: ['198.51.100.1', '198.51.100.2'] } });
    const action = pf.action();
    await action.open();
    const refused = await action.replace(manyHosts(4));
    expect(refused).toEqual([{ network: '10.0.0.4/32', because: expect.stringMatching(/pfctl: Cannot allocate memory\.$/) }]);
    expect(await heldBy(action)).toEqual(['10.0.0.1/32', '10.0.0.2/32', '10.0.0.3/32']);
  });
});

describe('a name for pf', () => {
  const ports = { log: new KeptLog().log, clock: Date.now };
  const BAD = ['a/b', '12', 'pass', 'on', 'quick', 'x'.repeat(32), 'syncookies', 'altq'];

  it.each(BAD)('is refused for a table if pf refuses it: %s', (table) => {
    expect(() => loadAction('pf', { table }, ports)).toThrow(
      `action pf: "table" cannot be "${table}", it must be a name of at most 31`,
    );
    expect(() => loadAction('spamd', { table }, ports)).toThrow(`action spamd: "table" cannot be "${table}"`);
  });

  it.each(['_x', 'mail/_x', 'trapline/', '/trapline', 'a//b'])('is refused for an anchor if pf refuses it: %s', (anchor) => {
    expect(() => loadAction('pf', { anchor }, ports)).toThrow(`"anchor" cannot be "${anchor}", it must be a path of names`);
  });

  it.each([
    ['trapline', 'trapline'],
    ['mail/trap.2', 'x'.repeat(31)],
    ['x'.repeat(63), '1a'],
    ['pass', 'passing'],
  ])('is accepted if pfctl accepts it: anchor %s, table %s', async (anchor, table) => {
    const action = bench('pf', { rules: [`anchor "${anchor}" all`], tables: {} }).action({ anchor, table });
    await action.open();
    await action.ban([entry('192.0.2.7')]);
    expect(await heldBy(action)).toEqual(['192.0.2.7/32']);
  });
});

describe('spamd', () => {
  it('names the missing lines when the table does not exist', async () => {
    const spamd = bench('spamd', { rules: [], tables: {} });
    await expect(spamd.action().open()).rejects.toThrow(/table <trapline> is not in \/etc\/pf\.conf, add the lines/);
    spamd.change({ enabled: false });
    await expect(spamd.action().open()).rejects.toThrow(/^pfctl -s info: pf is switched off/);
  });

  it('counts no ban as in force while pf is switched off', async () => {
    const spamd = bench('spamd', SPAMD);
    const action = spamd.action();
    await action.ban([entry('192.0.2.7')]);
    expect(await heldBy(action)).toEqual(['192.0.2.7/32']);
    spamd.change({ enabled: false });
    expect(await heldBy(action)).toEqual([]);
  });

  it('traps hosts, puts networks only into the table, and keeps hosts that spamd itself has trapped', async () => {
    const spamd = bench('spamd', SPAMD);
    const action = spamd.action();
    await action.open();
    await action.ban([entry('192.0.2.7'), entry('203.0.113.1'), entry('198.51.100.0/24')]);
    await action.replace([entry('192.0.2.7')]);
    const entries: unknown = JSON.parse(readFileSync(join(spamd.folder.path, 'spamdb.json'), 'utf8'));
    expect(entries).toEqual({ '198.51.100.99': 'TRAPPED', '192.0.2.7': 'TRAPPED' });
    expect(await heldBy(action)).toEqual(['192.0.2.7/32']);
  });

  it('traps as many addresses in one call as fit on a command line', async () => {
    const spamd = bench('spamd', SPAMD);
    await spamd.action().ban(manyHosts(30_000));
    expect(started(spamd)).toEqual(['pfctl -q -t trapline -T add -f -', 'spamdb -t -a', 'spamdb -t -a']);
  });

  it.each([
    [
      'has no database',
      (spamd: FakeBench): void => spamd.folder.take('spamdb.json'),
      /spamdb: cannot open \/var\/db\/spamd for writing/,
    ],
    ['is missing', (spamd: FakeBench): void => spamd.folder.take('spamdb'), /spamdb/],
  ])('fills the table while spamdb %s, and keeps the changes for spamdb pending', async (_, spoil, because) => {
    const spamd = bench('spamd', SPAMD);
    spoil(spamd);
    const door = new Enforcer([spamd.action()], { log: spamd.log.log, clock: Date.now });
    await door.open();
    await door.sync(() => () => [entry('192.0.2.7')]);
    await set(door, [entry('192.0.2.8'), entry('2001:db8:1:2::/64')]);
    await set(door, [entry('192.0.2.9')]);
    expect(spamd.state()['tables']).toMatchObject({ trapline: ['192.0.2.7', '192.0.2.8', '2001:db8:1:2::/64', '192.0.2.9'] });
    expect(door.status()[0]).toMatchObject({ state: 'failing', lastError: expect.stringMatching(because) });
    await door.close();
  });
});
