import { afterAll, describe, expect, it } from 'vitest';
import { detectAction, knownActions, loadAction, loadActions } from '../../src/actions/load.ts';
import { ConfigError } from '../../src/errors.ts';
import { entry, Folder, KeptLog } from '../support/actions/words.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const ports = { log: new KeptLog().log, clock: Date.now, folders: [folder.path] };

/** A correct action file. `top` and `ban` are lines that are added at the top and to the ban step. */
const file = (lines: { top?: string; ban?: string } = {}): string => `name: mine
description: mine
options:
  block: { type: choice, of: [drop, reject], default: drop, about: how }
  table: { type: word, default: trap, about: which }
${lines.top ?? ''}
open: []
ban:
  - argv: [fw, "{{table}}"]
    stdin: "{{#all}}{{text}} {{/all}}"
${lines.ban ?? ''}
unban:
  - argv: [fw]
examples:
  - verb: open
`;

describe('loadAction', () => {
  it('loads each shipped action by its name', () => {
    const names = ['ipset', 'iptables', 'nftables', 'pf', 'print', 'spamd'];
    expect(names.map((name) => loadAction(name, {}, ports).name)).toEqual(names);
    expect(knownActions()).toEqual(names);
  });

  it('loads an action from a file in the folder of the operator, or by its path', async () => {
    const path = folder.write('mine.yaml', file());
    expect(loadAction('mine', { table: 'x' }, ports).name).toBe('mine');
    expect(loadAction(path, {}, ports).name).toBe('mine');
    expect(knownActions([folder.path])).toContain('mine');
  });

  it('also finds a file whose name ends in .yml', () => {
    folder.write('short.yml', file().replace('name: mine', 'name: short'));
    expect(loadAction('short', {}, ports).name).toBe('short');
    expect(knownActions([folder.path])).toContain('short');
  });

  it('refuses a name when a .yml file and a .yaml file have it', () => {
    folder.write('twice.yml', file());
    folder.write('twice.yaml', file());
    expect(() => loadAction('twice', {}, ports)).toThrow('action "twice" exists twice, remove ');
  });

  it('prefers the file of the operator to a shipped file with an equal name', () => {
    folder.write('nftables.yaml', file().replace('name: mine', 'name: better'));
    expect(loadAction('nftables', {}, ports).name).toBe('better');
  });

  it.each(['nftable', '../secret', 'x; y', '-s', ''])('refuses the name %j', (name) => {
    expect(() => loadAction(name, {}, ports)).toThrow(ConfigError);
  });

  it('refuses an unknown name and names the nearest action, or all actions if none is near', () => {
    expect(() => loadAction('nft', {}, { ...ports, folders: [] })).toThrow('unknown action "nft", did you mean "nftables"?');
    expect(() => loadAction('firewall', {}, { ...ports, folders: [] })).toThrow(
      'unknown action "firewall", known are ipset, iptables, nftables, pf, print, spamd; looked in ',
    );
  });

  it('gives print the function that writes its lines', async () => {
    const lines: string[] = [];
    await loadAction('print', {}, { ...ports, write: (line) => lines.push(line) }).ban([entry('192.0.2.7', 'forever')]);
    expect(lines).toEqual(['would ban 192.0.2.7 for ever']);
    expect(() => loadAction('print', { ports: 25 }, ports)).toThrow('action print: unknown option "ports", known are none');
  });
});

const where = (path: readonly PropertyKey[]): string => `trapline.yaml:${path.join('.')}`;

const setting = (type: string, options: Readonly<Record<string, unknown>> = {}) => ({ type, options, where });

const names = (...settings: ReturnType<typeof setting>[]): string[] =>
  loadActions(settings, { ...ports, folders: [] }).map(({ name }) => name);

describe('loadActions', () => {
  it('loads the actions in the order of the configuration', () => {
    expect(names(setting('print'), setting('ipset'), setting('nftables'))).toEqual(['print', 'ipset', 'nftables']);
  });

  it('refuses an unknown action or option with its place and the nearest name', () => {
    expect(() => names(setting('prnt'))).toThrow('trapline.yaml:type: unknown action "prnt", did you mean "print"?');
    expect(() => names(setting('nftables', { prots: 25 }))).toThrow(
      'trapline.yaml:prots: action nftables: unknown option "prots", did you mean "ports"?',
    );
    expect(() => names(setting('print', { ports: 25 }))).toThrow('trapline.yaml:ports: action print: unknown option "ports"');
  });

  it('refuses two actions with one name, also when a file has the name of a shipped action', () => {
    const path = folder.write('other.yaml', file().replace('name: mine', 'name: ipset'));
    expect(() => names(setting('ipset'), setting(path))).toThrow(
      'trapline.yaml:type: two actions have the name "ipset", remove one or rename it in its file',
    );
  });
});

describe('detectAction', () => {
  it.each([
    ['linux', ['nft', 'ipset', 'iptables', 'ip6tables'], 'nftables'],
    ['linux', ['ipset', 'iptables', 'ip6tables'], 'ipset'],
    ['linux', ['iptables', 'ip6tables'], 'iptables'],
    ['linux', ['iptables'], 'iptables'],
    ['linux', ['ipset', 'iptables'], 'ipset'],
    ['openbsd', ['pfctl'], 'pf'],
    ['freebsd', ['pfctl'], 'pf'],
  ])('on %s with %j chooses the action %s', (platform, programs, name) => {
    expect(detectAction(platform, (program) => programs.includes(program))).toBe(name);
  });

  it('names the package to install when the machine has no firewall', () => {
    expect(() => detectAction('linux', () => false)).toThrow(
      'firewall: none of nft, ipset and iptables found, install the package nftables or set "actions: [print]"',
    );
  });
});
