import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, type Config } from '../../../src/config/load.ts';
import { checkAll, type Checked } from '../../../src/daemon/alone/check.ts';
import { recordingLog } from '../../support/daemon/desk.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-check-'));
  mkdirSync(at('filters'));
  mkdirSync(at('actions'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Checks the files of a configuration, and asks nothing. */
const checkFiles = (config: Config): Promise<readonly Checked[]> =>
  checkAll(config, { log: recordingLog().log, clock: Date.now }, { live: false, root: true });

/** Checks a configuration that has its own folders for filters and actions. */
function check(more = ''): Promise<readonly Checked[]> {
  writeFileSync(
    at('trapline.yaml'),
    `actions: [print]\nfilters_folder: ${at('filters')}\nactions_folder: ${at('actions')}\n${more}`,
  );
  return checkFiles(loadConfig(at('trapline.yaml')));
}

const faulty = (checked: readonly Checked[]): readonly Pick<Checked, 'name' | 'problems'>[] =>
  checked.flatMap(({ name, problems }) => (problems.length > 0 ? [{ name, problems }] : []));

describe('a check of all files that a daemon reads', () => {
  it('finds no fault in the shipped files', async () => {
    const checked = await check();
    expect(faulty(checked)).toEqual([]);
    const names = checked.map(({ name }) => name.split('/').at(-1));
    expect(names).toEqual(expect.arrayContaining(['trapline.yaml', 'actions', 'postfix-spamtrap.yaml', 'nftables.yaml']));
  });

  it('reads the files of the operator, including those that no jail names', async () => {
    writeFileSync(at('filters/mine.yaml'), 'nothing: here\n');
    writeFileSync(at('actions/own.yaml'), 'nothing: here\n');
    const names = faulty(await check()).map(({ name }) => name);
    expect(names).toEqual([at('filters/mine.yaml'), at('actions/own.yaml')]);
    // All faults of each file are listed, not only the first one.
    for (const { problems } of faulty(await check())) expect(problems.length).toBeGreaterThan(1);
  });

  it('names an action part that includes itself', async () => {
    const steps = `open: []\nban: [{argv: [fw], stdin: '{{> a}}'}]\nunban: [{argv: [fw]}]\nexamples: [{verb: open}]\n`;
    writeFileSync(at('actions/own.yaml'), `name: own\ndescription: x\nparts: {a: '{{> b}}', b: '{{> a}}'}\n${steps}`);
    expect(faulty(await check())).toEqual([
      {
        name: at('actions/own.yaml'),
        problems: [`${at('actions/own.yaml')}:3:12: part "a" includes itself: a > b > a, take one of these away`],
      },
    ]);
  });

  it('names an option that the firewall itself would refuse, with its place', async () => {
    const name = 'x'.repeat(27);
    writeFileSync(at('trapline.yaml'), `actions: [{type: ipset, set: ${name}}]\n`);
    const [fault] = faulty(await checkFiles(loadConfig(at('trapline.yaml'))));
    expect(fault?.problems[0]).toMatch(/trapline\.yaml:1:30: action ipset: "set" cannot be "x+", it must be a name of at most 26 /);
  });

  it('reads files that end in .yaml or .yml, and refuses a name that a folder has with both endings', async () => {
    writeFileSync(at('actions/short.yml'), 'nothing: here\n');
    for (const ending of ['yaml', 'yml']) writeFileSync(at(`filters/twice.${ending}`), 'nothing: here\n');
    const problem = `filter "twice" exists twice, remove ${at('filters/twice.yaml')} or ${at('filters/twice.yml')}`;
    expect(faulty(await check())).toEqual([
      { name: at('filters/twice.yaml'), problems: [problem] },
      { name: at('filters/twice.yml'), problems: [problem] },
      {
        name: at('actions/short.yml'),
        problems: expect.arrayContaining([
          expect.stringContaining('short.yml:1:1: unknown key "nothing"'),
          `${at('actions/short.yml')}:1:1: "name": missing`,
        ]) as unknown,
      },
    ]);
  });

  it('refuses a path of a source that can never be a log', async () => {
    expect(faulty(await check('sources: [/proc/kmsg, /dev/zero, /var/log/nonexistent.log]\n'))).toEqual([
      {
        name: 'sources',
        problems: [
          '/proc/kmsg: is a file of the kernel and no log, name the file that syslog or Postfix writes',
          '/dev/zero: is not a regular file',
        ],
      },
    ]);
  });

  it('lists the fault of a file once, also when a jail uses the file', async () => {
    writeFileSync(at('filters/mine.yaml'), 'nothing: here\n');
    const names = faulty(await check('jails: {mine: {filter: mine}}\n')).map(({ name }) => name);
    expect(names).toEqual([at('filters/mine.yaml')]);
  });

  it('names the missing filter of a jail', async () => {
    const [fault] = faulty(await check('jails: {mine: {filter: none}}\n'));
    expect(fault?.name).toBe(at('trapline.yaml'));
    expect(fault?.problems[0]).toMatch(/trapline\.yaml:4:24: unknown filter "none", known are /);
  });

  it('names a jail that is stopped because of a fault in its filter, and the filter file', async () => {
    const pattern = '^<prefix>login name=[a-z]+ client=<client>';
    writeFileSync(at('filters/mine.yml'), `name: mine\ndescription: x\nrules:\n  - { name: a, pattern: '${pattern}' }\n`);
    const found = faulty(await check('jails: {good: {}, bad: {filter: mine}}\n'));
    expect(found.map(({ name }) => name)).toEqual([at('trapline.yaml'), at('filters/mine.yml')]);
    expect(found[0]?.problems[0]).toMatch(
      /^jail "bad" is stopped: .*mine\.yml:4:46: variable piece "\[a-z\]\+" before the client address, /,
    );
    expect(found[1]?.problems[0]).toContain('mine.yml:4:46: variable piece');
  });

  it('names an allow-list that cannot be read', async () => {
    const [fault] = faulty(await check(`defaults: {ignoreip: [${at('none.txt')}]}\n`));
    expect(fault?.problems[0]).toContain(at('none.txt'));
  });

  it('continues when a folder of the operator is missing', async () => {
    rmSync(at('filters'), { recursive: true });
    expect(faulty(await check())).toEqual([]);
  });

  it('finds a fault of the jails and a fault of the actions, each with its place', async () => {
    writeFileSync(at('own.yaml'), 'actions: [{type: print, x: 1}]\njails:\n  a: {rules: {clinet: true}}\n');
    const checked = await checkFiles(loadConfig(at('own.yaml')));
    expect(faulty(checked)).toEqual([
      {
        name: at('own.yaml'),
        problems: [`${at('own.yaml')}:3:15: filter "postfix-spamtrap" has no rule "clinet", did you mean "client"?`],
      },
      { name: 'actions', problems: [`${at('own.yaml')}:1:25: action print: unknown option "x", known are none`] },
    ]);
  });

  it('finds a jail whose sources or actions are not among those that `auto` finds on this machine', async () => {
    writeFileSync(at('own.yaml'), 'jails:\n  a: {actions: [bouncer], sources: [/nowhere/at/all]}\n');
    const checked = await checkFiles(loadConfig(at('own.yaml')));
    expect(faulty(checked)).toEqual([
      { name: 'actions', problems: [expect.stringMatching(/:2:17: unknown action "bouncer", known are auto, [a-z]+$/)] },
      { name: 'sources', problems: [expect.stringMatching(/:2:37: unknown source "\/nowhere\/at\/all", known are \S+$/)] },
    ]);
  });
});

/** An action whose firewall is a script that prints its standard input, and fails with `words` on standard error if there are any. */
const own = (words: string): void => {
  writeFileSync(at('fw'), `#!/bin/sh\ncat >> ${at('asked')}\n${words === '' ? '' : `echo '${words}' >&2; exit 1`}\n`, {
    mode: 0o755,
  });
  const steps = `open: [{argv: [${at('fw')}], stdin: open}]\nban: [{argv: [${at('fw')}]}]\nunban: [{argv: [${at('fw')}]}]\n`;
  const probe = `probe: [{argv: [${at('fw')}], stdin: probe}]\n`;
  writeFileSync(at('actions/own.yaml'), `name: own\ndescription: x\n${steps}${probe}examples: [{verb: open}]\n`);
};
const ask = (more: string, root = true): Promise<readonly Checked[]> => {
  writeFileSync(at('trapline.yaml'), `filters_folder: ${at('filters')}\nactions_folder: ${at('actions')}\n${more}`);
  return checkAll(loadConfig(at('trapline.yaml')), { log: recordingLog().log, clock: Date.now }, { live: true, root });
};
const live = (checked: readonly Checked[]): readonly Checked[] =>
  checked.filter(({ kind }) => kind === 'firewall' || kind === 'source');

describe('a check that asks', () => {
  it('C13: runs only the steps `probe` of each firewall, and reports a refusal', async () => {
    writeFileSync(at('log'), '');
    const config = `actions: [own]\nsources: [${at('log')}]\n`;
    own('');
    expect(live(await ask(config))).toEqual([
      { kind: 'firewall', name: 'own', problems: [] },
      { kind: 'source', name: `file:${at('log')}`, problems: [], notes: [] },
    ]);
    expect(readFileSync(at('asked'), 'utf8')).toBe('probe');
    own('Operation not permitted');
    const [firewall] = live(await ask(config));
    expect(firewall?.problems).toEqual([expect.stringMatching(/^firewall own: .*Operation not permitted/)]);
    const [asUser] = live(await ask(config, false));
    expect(asUser).toMatchObject({ problems: [], notes: [expect.stringMatching(/Operation not permitted; try it as root$/)] });
  });

  it('C13: opens each source, and notes a log that does not exist yet', async () => {
    writeFileSync(at('a.log'), '');
    mkdirSync(at('d.log'));
    const checked = live(await ask(`actions: [print]\nsources: [${at('none.log')}, "${at('*.log')}", "${at('x*')}"]\n`));
    expect(checked.flatMap(({ notes = [] }) => notes)).toEqual([
      `source ${at('none.log')}: no such file, a daemon waits for it`,
      `source ${at('x*')}: no file matches now, a daemon waits for one`,
    ]);
    expect(checked.flatMap(({ problems }) => problems)).toEqual([]);
  });
});
