import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../../src/words/desk.ts';
import { hitLine } from '../support/filters/lines.ts';
import { InnerDaemon } from '../support/hostile/daemon.ts';
import { until } from '../support/until.ts';

let daemon: InnerDaemon;
beforeEach(() => {
  daemon = new InnerDaemon();
  mkdirSync(daemon.at('filters'));
});
afterEach(() => daemon.end());

const filter = (pattern: string): string => `name: mine\ndescription: x\nrules:\n  - { name: a, pattern: '${pattern}' }\n`;
const FORGEABLE = filter('^<prefix>login name=[a-z]+ client=<client>, failed');
const GOOD = filter('^<prefix>login name=[a-z]+ client=<client>, failed$');
const FAULT = 'mine.yaml:4:46: variable piece "[a-z]+" before the client address, ';

const write = (text: string): void => writeFileSync(daemon.at('filters/mine.yaml'), text);
const configuration = (written: string): string => `actions: [print]\nfilters_folder: ${daemon.at('filters')}\njails: ${written}\n`;
const BOTH = '{good: {}, bad: {filter: mine}}';

const errors = (): readonly string[] => daemon.said.filter((line) => line.includes('is stopped'));

async function jailsOfStatus(): Promise<Status['jails']> {
  const { out } = await daemon.command('status', '--json');
  return (JSON.parse(out) as Status).jails;
}

async function stoppedJails(): Promise<Record<string, string | null>> {
  return Object.fromEntries((await jailsOfStatus()).map(({ name, stopped }) => [name, stopped]));
}

describe('a jail whose filter has a fault', () => {
  it('is stopped and reported, and the other jails continue', async () => {
    write(FORGEABLE);
    await daemon.start(configuration(BOTH));
    expect(await stoppedJails()).toEqual({ good: null, bad: expect.stringContaining(FAULT) as string });
    expect(errors()).toEqual([expect.stringContaining(`jail "bad" is stopped: ${daemon.at('filters')}/${FAULT}`)]);
    expect(daemon.notified).toEqual(['STATUS=stopped jails: bad; see "trapline status"', 'READY=1']);
    daemon.write(`${hitLine()}\n`);
    await until('a hit of the other jail', async () =>
      (await jailsOfStatus()).some(({ name, hits }) => name === 'good' && hits === 1),
    );
  });

  it('makes status and reload exit with the code of a faulty configuration', async () => {
    write(FORGEABLE);
    await daemon.start(configuration(BOTH));
    for (const words of [['status'], ['status', '--json'], ['reload']]) {
      const { code, err } = await daemon.command(...words);
      expect(code).toBe(78);
      expect(err).toContain('stopped jails: bad; the reasons are above, correct the filters and reload');
    }
  });

  it('works after a reload with a good filter', async () => {
    write(FORGEABLE);
    await daemon.start(configuration(BOTH));
    write(GOOD);
    expect(await daemon.command('reload')).toMatchObject({ code: 0, err: '' });
    expect(await stoppedJails()).toEqual({ good: null, bad: null });
    expect(daemon.notified.at(-1)).toBe('STATUS=');
    expect((await daemon.command('status')).code).toBe(0);
  });

  it('does not prevent a reload of the other jails while it is stopped', async () => {
    write(FORGEABLE);
    await daemon.start(configuration(BOTH));
    daemon.configure(configuration('{good: {bantime: 2h}, bad: {filter: mine}, third: {}}'));
    expect((await daemon.command('reload')).out).toBe('reloaded\n');
    expect(await stoppedJails()).toEqual({ good: null, bad: expect.stringContaining(FAULT) as string, third: null });
    expect(errors()).toHaveLength(2);
  });

  it('makes a reload fail when the jail worked before or is new, and the running configuration stays in use', async () => {
    write(GOOD);
    await daemon.start(configuration(BOTH));
    write(FORGEABLE);
    const { code, err } = await daemon.command('reload');
    expect(code).toBe(78);
    expect(err).toContain(FAULT);
    expect(await stoppedJails()).toEqual({ good: null, bad: null });
    write(GOOD);
    writeFileSync(daemon.at('filters/other.yaml'), FORGEABLE);
    daemon.configure(configuration('{good: {}, bad: {filter: mine}, new: {filter: other}}'));
    expect((await daemon.command('reload')).code).toBe(78);
    expect(await stoppedJails()).toEqual({ good: null, bad: null });
    expect(errors()).toEqual([]);
  });

  it('makes the start fail when no other jail works', async () => {
    write(FORGEABLE);
    await expect(daemon.start(configuration('{bad: {filter: mine}}'))).rejects.toThrow(FAULT);
    await expect(daemon.start(configuration('{bad: {filter: mine}, worse: {filter: mine}}'))).rejects.toThrow(FAULT);
  });

  it('makes the start fail when its filter is missing or lacks a rule that the jail names', async () => {
    await expect(daemon.start(configuration('{good: {}, bad: {filter: none}}'))).rejects.toThrow('unknown filter "none"');
    await expect(daemon.start(configuration('{good: {}, bad: {rules: {none: true}}}'))).rejects.toThrow('has no rule "none"');
  });
});

describe('a daemon whose jails all work', () => {
  it('reports no stopped jail to systemd', async () => {
    await daemon.start();
    await daemon.command('reload');
    expect(daemon.notified).toEqual(['READY=1']);
  });
});
