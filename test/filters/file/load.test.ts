import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, FilterError } from '../../../src/errors.ts';
import { checkFilterFile, loadFilter } from '../../../src/filters/match.ts';
import { FILTERS } from '../../support/filters/lines.ts';
import { where } from '../../support/config/where.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-filters-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const START = 'Nov 25 00:03:16 mx postfix/smtpd[1]: ';

const HEAD = 'name: own\ndescription: Lines of our own\n';

/** Loads a filter with this text. Returns "loaded", or the error message without the path of the folder. */
function load(text: string, settings: Record<string, string> = {}): string {
  const file = join(folder, 'own.yaml');
  writeFileSync(file, text);
  try {
    loadFilter('own', { folders: [folder, FILTERS], settings });
    return 'loaded';
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return thrown.message.replaceAll(`${folder}/`, '');
  }
}

/** Makes a function that loads a shipped filter for a jail. Its error messages contain the places of the jail's options. */
const loading =
  (name: string, settings: Readonly<Record<string, string>> = {}) =>
  (): unknown =>
    loadFilter(name, { folders: [FILTERS], settings, where });

describe('a filter file', () => {
  it('is found by its name in the first folder that has it, or by its path', () => {
    expect(load(`${HEAD}rules:\n  - name: plain\n    pattern: '^<prefix>trapped <client>'\n`)).toBe('loaded');
    expect(loadFilter('postfix-spamtrap', { folders: [folder, FILTERS] }).name).toBe('postfix-spamtrap');
    expect(loadFilter(join(folder, 'own.yaml'), { folders: [] })).toMatchObject({
      name: 'own',
      description: 'Lines of our own',
      rules: [{ name: 'plain', on: true, final: false }],
      literals: ['trapped '],
    });
  });

  it('is found with either ending of its file name, by its name or by its path', () => {
    writeFileSync(join(folder, 'other.yml'), `${HEAD}rules:\n  - { name: a, pattern: '^<prefix>trapped <client>' }\n`);
    expect(loadFilter('other', { folders: [folder] }).file).toBe(join(folder, 'other.yml'));
    expect(checkFilterFile(join(folder, 'other.yml')).problems).toEqual([]);
  });

  it('may have any name of Postfix in its examples', () => {
    const message = 'trapped a[192.0.2.1]';
    const examples = ['mailgw/smtpd', 'a/b/smtpd', 'postfix/smtpd'].map(
      (name) => `  - { line: 'Nov 25 00:03:16 mx ${name}[1]: ${message}', address: 192.0.2.1, rule: a }\n`,
    );
    const other = `  - { line: 'Nov 25 00:03:16 mx sshd[1]: ${message}', none: another program }\n`;
    const rules = `rules:\n  - { name: a, pattern: '^<prefix>trapped <client>' }\n`;
    writeFileSync(join(folder, 'named.yaml'), `${HEAD}${rules}examples:\n${examples.join('')}${other}`);
    expect(checkFilterFile(join(folder, 'named.yaml')).problems).toEqual([]);
    expect(loadFilter('named', { folders: [folder] }).names).toEqual(['postfix*']);
  });

  it('with a fault leads to a FilterError, but a missing file or an unknown setting does not', () => {
    writeFileSync(join(folder, 'bad.yaml'), `${HEAD}rules:\n  - { name: a, pattern: '^<prefix>.* <client>' }\n`);
    expect(() => loadFilter('bad', { folders: [folder] })).toThrow(FilterError);
    writeFileSync(join(folder, 'bad.yaml'), 'name: [');
    expect(() => loadFilter('bad', { folders: [folder] })).toThrow(FilterError);
    for (const wrong of [
      () => loadFilter('none', { folders: [] }),
      () => loadFilter('own', { folders: [folder], settings: { x: 'y' } }),
    ]) {
      expect(wrong).toThrow(ConfigError);
      expect(wrong).not.toThrow(FilterError);
    }
  });

  it('that is missing is refused with the nearest name', () => {
    expect(() => loadFilter('postfix-spamtrp', { folders: [FILTERS] })).toThrow(
      `unknown filter "postfix-spamtrp", did you mean "postfix-spamtrap"? Looked in ${FILTERS}`,
    );
    expect(() => loadFilter('x/y.yaml', { folders: [FILTERS] })).toThrow('x/y.yaml: there is no such file');
  });

  it('is refused with the place of the option that names it', () => {
    expect(loading('mine')).toThrow(/^filter value: unknown filter "mine", known are /);
    expect(loading('/nowhere.yaml')).toThrow('filter value: /nowhere.yaml: there is no such file');
    expect(loading('postfix-spamtrap', { txt: 'x' })).toThrow(
      'txt key: filter "postfix-spamtrap": no setting "txt", did you mean "text"?',
    );
    expect(loading('postfix-spamtrap', { text: ' ' })).toThrow(
      'text value: filter "postfix-spamtrap": setting "text" must be one line of text',
    );
  });

  it.each([
    [
      'at the character in a quoted pattern',
      `${HEAD}rules:\n  - name: a\n    pattern: '^<prefix>.* from <client>'\n`,
      'own.yaml:5:24: variable piece ".*" before the client address, use fixed text and building blocks instead, or use only these after the address and end the pattern with "$"; the client 203.0.113.9 could get 198.51.100.1 banned with " from x[203.0.113.9] from x[198.51.100.1]"; filter not loaded',
    ],
    [
      'at the character in a plain pattern',
      `${HEAD}rules:\n  - name: a\n    pattern: ^<prefix>from <clinet>\n`,
      'own.yaml:5:28: unknown building block "<clinet>", did you mean "<client>"? ("\\<clinet>" is the text itself); filter not loaded',
    ],
    [
      'at a pattern in a list',
      `${HEAD}rules:\n  - name: a\n    pattern:\n      - '^<prefix>from <client>'\n      - '^<prefix>from (a+)+ <client>'\n`,
      'own.yaml:7:25: the repetition here can match',
    ],
    [
      'at the start of a folded pattern, with the character',
      `${HEAD}rules:\n  - name: a\n    pattern: >-\n      ^<prefix>from\n      <clinet>\n`,
      'own.yaml:5:14 (character 15 of the pattern): unknown building block',
    ],
    [
      'at an unknown key',
      `${HEAD}rules:\n  - name: a\n    pattern: '^<prefix>one <client>'\n    patern: x\n`,
      'own.yaml:6:5: unknown key "patern", did you mean "pattern"?',
    ],
    ['at a name', `name: Own!\ndescription: x\nrules: []\n`, 'own.yaml:1:7: "name": small letters, digits and hyphens only'],
    [
      'at a second rule of one name',
      `${HEAD}rules:\n  - { name: a, pattern: '^<prefix>one <client>' }\n  - { name: a, pattern: '^<prefix>two <client>' }\n`,
      'own.yaml:5:13: an earlier rule has the name "a", choose another name',
    ],
    [
      'at a setting with the name of a block',
      `${HEAD}settings: { client: x }\nrules:\n  - { name: a, pattern: '^<prefix>one <client>' }\n`,
      'own.yaml:3:21: setting "client" needs another name',
    ],
    [
      'at an example without a result',
      `${HEAD}rules:\n  - { name: a, pattern: '^<prefix>one <client>' }\nexamples:\n  - line: x\n`,
      'own.yaml:6:5: entry 1 of "examples": an example has either "address" and "rule", or "none"',
    ],
    [
      'at a pattern that finds another address than an earlier pattern',
      `${HEAD}rules:\n  - { name: a, pattern: '^<prefix>login name=[a-z]* client=<client>$' }\n  - { name: b, pattern: '^<prefix>login name=<address> client' }\n`,
      'own.yaml:5:26: this pattern and a pattern of rule "a" can find two addresses in one line, add fixed text before the address; a client could ban another client: "login name=198.51.100.1 client=x[203.0.113.9]"; filter not loaded',
    ],
    [
      'at a pattern, and proposes an acceptable pattern that matches the examples',
      `${HEAD}rules:\n  - { name: a, pattern: '^<prefix>login name=[a-z]* client=<client>' }\nexamples:\n  - { line: '${START}login name=bob client=a[192.0.2.1]', address: 192.0.2.1, rule: a }\n`,
      'own.yaml:4:46: variable piece "[a-z]*" before the client address, write "^<prefix>login name=[a-z]* client=<client>$" if its lines end there; ',
    ],
    [
      'at a pattern, without a proposal if no acceptable pattern matches the examples',
      `${HEAD}rules:\n  - { name: a, pattern: '^<prefix>login name=[a-z]* client=<client>' }\nexamples:\n  - { line: '${START}login name=bob client=a[192.0.2.1], x', address: 192.0.2.1, rule: a }\n`,
      'own.yaml:4:46: variable piece "[a-z]*" before the client address, use fixed text and building blocks instead, ',
    ],
    [
      'at a setting with a name that cannot be written as a block',
      `${HEAD}settings: { Text: x }\nrules:\n  - { name: a, pattern: '^<prefix>one <client>' }\n`,
      'own.yaml:3:19: setting "Text" needs another name, use small letters, digits and hyphens only',
    ],
  ])('reports a fault %s', (_title, text, message) => {
    expect(load(text)).toContain(message);
  });

  it.each([
    [{ txt: 'x' }, 'filter "own": no setting "txt", did you mean "text"?'],
    [{ text: ' ' }, 'filter "own": setting "text" must be one line of text'],
    [{ text: 'a\nb' }, 'filter "own": setting "text" must be one line of text'],
  ])('refuses settings %j', (settings, message) => {
    const text = `${HEAD}settings: { text: trapped }\nrules:\n  - { name: a, pattern: '^<prefix><text> <client>' }\n`;
    expect(load(text, settings as Record<string, string>)).toBe(message);
  });
});

/** The key `line` of an example. */
const line = (text: string): string => `line: 'Nov 25 00:03:16 mx postfix/smtpd[1]: ${text}'`;

describe('examples', () => {
  it('with another result than expected are reported as problems, each with its place', () => {
    const file = join(folder, 'examples.yaml');
    writeFileSync(
      file,
      [
        'name: examples\ndescription: x\nrules:',
        "  - { name: a, pattern: '^<prefix>trapped <client> (?<trap>.*)' }",
        "  - { name: b, on: false, pattern: '^<prefix>trapping <client>' }",
        'examples:',
        `  - { ${line('trapped a[192.0.2.1] t')}, address: 192.0.2.1, rule: a, fields: { trap: t } }`,
        `  - { ${line('trapping a[192.0.2.1] t')}, address: 192.0.2.1, rule: b }`,
        `  - { ${line('trapped a[192.0.2.1] t')}, none: because }`,
        `  - { ${line('other')}, address: 192.0.2.1, rule: a }`,
        `  - { ${line('trapped a[192.0.2.1] t')}, address: 192.0.2.2, rule: a }`,
        `  - { ${line('trapped a[192.0.2.1] t')}, address: 192.0.2.1, rule: b }`,
        `  - { ${line('trapped a[192.0.2.1] t')}, address: 192.0.2.1, rule: a, fields: { trap: u } }`,
      ].join('\n'),
    );
    expect(checkFilterFile(file).problems.map((problem) => problem.replace(`${folder}/`, ''))).toEqual([
      'examples.yaml:9:5: example found 192.0.2.1 by rule "a", expected no hit',
      'examples.yaml:10:5: example found no hit, expected 192.0.2.1 by rule "a"',
      'examples.yaml:11:5: example found 192.0.2.1, expected 192.0.2.2',
      'examples.yaml:12:5: example found by rule "a", expected "b"',
      'examples.yaml:13:5: example found trap "t", expected "u"',
    ]);
  });
});
