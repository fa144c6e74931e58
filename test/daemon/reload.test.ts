import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oneAtATime } from '../../src/daemon/reload.ts';
import { hitLine } from '../support/filters/lines.ts';
import { InnerDaemon } from '../support/hostile/daemon.ts';
import { until } from '../support/until.ts';

let daemon: InnerDaemon;
beforeEach(() => {
  daemon = new InnerDaemon();
});
afterEach(() => daemon.end());

/** The warnings of a reload. */
const warnings = (): readonly string[] => daemon.said.filter((line) => line.includes('at the next start'));

describe('a reload', () => {
  it.each([
    ['state', (at: (name: string) => string) => `actions: [print]\nstate: ${at('other.db')}\n`],
    ['log_level', () => 'actions: [print]\nlog_level: warn\n'],
    ['hit_retention', () => 'actions: [print]\nhit_retention: 30d\n'],
    ['control', (at: (name: string) => string) => `actions: [print]\ncontrol: {socket: ${at('control.sock')}, mode: '0600'}\n`],
    ['actions', () => 'actions: [{type: nftables, ports: [26]}]\n'],
  ])('that changes "%s" says and logs that the change takes effect at the next start', async (name, more) => {
    await daemon.start();
    daemon.configure(more((file) => daemon.at(file)));
    expect(await daemon.command('reload', '--socket', daemon.socket, '--json')).toMatchObject({
      code: 0,
      out: expect.stringContaining(`"pending":["${name}"]`),
      err: `trapline: "${name}" changed in the configuration; the change takes effect at the next start, use "systemctl restart trapline"\n`,
    });
    const { ledger } = JSON.parse((await daemon.command('status', '--socket', daemon.socket, '--json')).out) as { ledger: string };
    expect(ledger).not.toContain('other.db');
    expect(warnings()).toEqual([
      expect.stringContaining(`"${name}" changed in the configuration; the change takes effect at the next start`),
    ]);
  });

  it('that changes only options with an immediate effect logs no warning', async () => {
    await daemon.start();
    daemon.configure('actions: [print]\ndefaults: {bantime: 2h}\nsync: 5s\n');
    expect((await daemon.command('reload')).code).toBe(0);
    expect(warnings()).toEqual([]);
    expect(daemon.said.some((line) => line.includes('configuration read again'))).toBe(true);
  });
});

/** The line of a hit from a Postfix with another name. */
const otherPostfix = (client: string): string => `${hitLine({ client: `a[${client}]` }).replace('postfix/', 'mail-in/')}\n`;

describe('a reload that changes the names of Postfix', () => {
  it('takes effect for the lines that are read after the reload', async () => {
    await daemon.start();
    daemon.write(otherPostfix('203.0.113.7'));
    await until('the unknown name is logged', () =>
      daemon.said.some((text) => text.includes('"mail-in" is no name of this Postfix')),
    );
    daemon.configure('actions: [print]\nsyslog_names: [mail-in]\n');
    expect((await daemon.command('reload')).code).toBe(0);
    daemon.write(otherPostfix('203.0.113.8'));
    await until('a hit', () => daemon.said.some((text) => text.includes('203.0.113.8')));
    expect(daemon.said.some((text) => text.includes('203.0.113.7'))).toBe(false);
  });
});

describe('a reload that changes actions', () => {
  it.each([
    ['{type: iptables, prots: all}', 'unknown option "prots", did you mean "ports"?'],
    ['{type: nftable}', 'unknown action "nftable", did you mean "nftables"?'],
  ])('to %s is refused, although actions take effect only at the next start', async (action, fault) => {
    await daemon.start();
    daemon.configure(`actions: [print, ${action}]\n`);
    const { code, err } = await daemon.command('reload', '--socket', daemon.socket);
    expect([code, err]).toEqual([78, expect.stringContaining(fault)]);
    expect(daemon.said.some((line) => line.includes('configuration read again'))).toBe(false);
  });
});

describe('serialised work', () => {
  it('waits for the previous call, even when the previous call fails', async () => {
    const steps: string[] = [];
    let number = 0;
    const work = oneAtATime(async () => {
      const own = (number += 1);
      steps.push(`begin ${own}`);
      await new Promise(setImmediate);
      steps.push(`end ${own}`);
      if (own === 1) throw new Error('the first fails');
    });
    const [first, second] = await Promise.allSettled([work(), work()]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(steps).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('happen once for all requests that come during another one', async () => {
    let begun = 0;
    let running = 0;
    const work = oneAtATime(async () => {
      begun += 1;
      running += 1;
      expect(running).toBe(1);
      await new Promise(setImmediate);
      running -= 1;
    });
    await Promise.all(Array.from({ length: 1000 }, work));
    expect(begun).toBe(2);
    await Promise.all([work(), work().then(work)]);
    expect(begun).toBeLessThanOrEqual(5);
  });
});
