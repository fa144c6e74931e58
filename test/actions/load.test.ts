import { afterAll, describe, expect, it } from 'vitest';
import { detectAction, loadAction, knownActions, readActionFile } from '../../src/actions/load.ts';
import { ConfigError } from '../../src/errors.ts';
import { entry, Folder, KeptLog } from '../support/actions-words.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const ports = { log: new KeptLog().log, clock: Date.now, folders: [folder.path] };

/** An action file that is well, with lines put in at some places. */
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
  it('makes the shipped actions by name', () => {
    const names = ['ipset', 'iptables', 'nftables', 'pf', 'print', 'spamd'];
    expect(names.map((name) => loadAction(name, {}, ports).name)).toEqual(names);
    expect(knownActions()).toEqual(names);
  });

  it('makes an action from a file in a folder of the operator, or at a path', async () => {
    const path = folder.write('mine.yaml', file());
    expect(loadAction('mine', { table: 'x' }, ports).name).toBe('mine');
    expect(loadAction(path, {}, ports).name).toBe('mine');
    expect(knownActions([folder.path])).toContain('mine');
  });

  it('prefers the file of the operator to the shipped one of that name', () => {
    folder.write('nftables.yaml', file().replace('name: mine', 'name: better'));
    expect(loadAction('nftables', {}, ports).name).toBe('better');
  });

  it.each(['nftable', '../secret', 'x; y', '-s', ''])('refuses %j', (name) => {
    expect(() => loadAction(name, {}, ports)).toThrow(ConfigError);
  });

  it('says which actions there are', () => {
    expect(() => loadAction('nft', {}, { ...ports, folders: [] })).toThrow(
      'unknown action "nft", known are: ipset, iptables, nftables, pf, print, spamd',
    );
  });

  it('has print say what it would do on standard output, or where it is told to', async () => {
    const lines: string[] = [];
    await loadAction('print', {}, { ...ports, write: (line) => lines.push(line) }).ban([entry('192.0.2.7', 'forever')]);
    expect(lines).toEqual(['would ban 192.0.2.7 for ever']);
    expect(() => loadAction('print', { ports: 25 }, ports)).toThrow('action print: unknown option "ports", known are: none');
  });
});

describe('readActionFile', () => {
  it.each<[string, { top?: string; ban?: string }, string]>([
    ['an unknown key', { top: 'opne: []' }, '6:1: unknown key "opne", did you mean "open"?'],
    ['an unknown key of a step', { ban: '    argz: []' }, '11:5: unknown key "argz", did you mean "argv"?'],
    [
      'an unknown name in stdin',
      { top: 'parts: { a: "{{adress}}" }' },
      '6:13: unknown name "adress", known here: block, table, block_drop, ',
    ],
    ['an unknown part', { ban: '  - argv: [fw, "{{> nothing}}"]' }, '11:16: unknown name "nothing", known here: none'],
    [
      'S01: anything but options in an argument',
      { ban: '  - argv: [sh, -c, "fw {{text}}"]' },
      '11:20: "text" cannot stand in an argument, hand it over in stdin',
    ],
    [
      'S01: a part that smuggles an address into an argument',
      { top: 'parts: { a: "{{address}}" }', ban: '  - argv: [fw, "{{> a}}"]' },
      '11:16: "address" cannot stand in an argument, hand it over in stdin',
    ],
    ['a name that log lines might have', { ban: '  - argv: [mail, "{{sender}}"]' }, '11:18: unknown name "sender", known here: '],
    ['a template that does not close', { ban: '  - { argv: [fw], stdin: "{{#all}}" }' }, '11:26: Unclosed section "all"'],
    [
      'a name of control characters',
      { ban: String.raw`  - { argv: [fw], stdin: "{{#a\x1b}}" }` },
      String.raw`11:26: Unclosed section "a\u{1b}"`,
    ],
    ['a tag that is not used here', { ban: '  - { argv: [fw], stdin: "{{{text}}}" }' }, '11:26: tag "& text" is not used here'],
    [
      'a condition that is no option',
      { ban: '  - { argv: [fw], when: block_maybe }' },
      '11:25: unknown name "block_maybe", known here: block_drop',
    ],
    ['a pattern that is none', { ban: '  - { argv: [fw], ignore: "(" }' }, '11:27: "ban.1.ignore": Invalid regular expression'],
    ['a list pattern without a group', { top: 'list: [{ argv: [fw], parse: "^x" }]' }, '6:29: '],
    [
      'a step that is parsed outside of list',
      { ban: '  - { argv: [fw], parse: nft-json }' },
      '11:26: only the steps of "list" are parsed',
    ],
    [
      'a default that its option does not take',
      { top: '  size: { type: word, default: "a b", about: x }' },
      'action mine: "size" cannot be "a b"',
    ],
    ['an empty command', { ban: '  - { argv: [] }' }, '11:13: '],
  ])('refuses %s', (_what, lines, message) => {
    const path = folder.write('bad.yaml', file(lines));
    expect(() => readActionFile(path)).toThrow(ConfigError);
    expect(() => readActionFile(path)).toThrow(message.startsWith('action') ? message : `${path}:${message}`);
  });

  it('refuses a file that is not there', () => {
    expect(() => readActionFile(`${folder.path}/none.yaml`)).toThrow(/none\.yaml: ENOENT/);
  });
});

describe('detectAction', () => {
  it.each([
    ['linux', ['nft', 'ipset', 'iptables', 'ip6tables'], 'nftables'],
    ['linux', ['ipset', 'iptables', 'ip6tables'], 'ipset'],
    ['linux', ['iptables', 'ip6tables'], 'iptables'],
    ['openbsd', ['pfctl'], 'pf'],
    ['freebsd', ['pfctl'], 'pf'],
  ])('takes on %s with %j the action %s', (platform, programs, name) => {
    expect(detectAction(platform, (program) => programs.includes(program))).toBe(name);
  });

  it('says what to install when there is nothing', () => {
    expect(() => detectAction('linux', () => false)).toThrow(
      'firewall: none of nft, ipset and iptables found, install the package nftables or set "actions: [print]"',
    );
  });
});
