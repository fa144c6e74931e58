import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { checkFilterFile, loadFilter } from '../../src/filters/match.ts';
import { FILTERS } from '../support/filters-lines.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-filters-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = 'name: own\ndescription: Lines of our own\n';

/** Loads a filter with this text; the message of the error, without the folder, when it cannot be. */
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

  it('that is not there is refused with the nearest name', () => {
    expect(() => loadFilter('postfix-spamtrp', { folders: [FILTERS] })).toThrow(
      `unknown filter "postfix-spamtrp", did you mean "postfix-spamtrap"?; looked in ${FILTERS}`,
    );
    expect(() => loadFilter('x/y.yaml', { folders: [FILTERS] })).toThrow('x/y.yaml: cannot be read (ENOENT)');
  });

  it.each([
    [
      'at the character in a quoted pattern',
      `${HEAD}rules:\n  - name: a\n    pattern: '^<prefix>.* from <client>'\n`,
      'own.yaml:5:24: unbounded piece ".*" before the client address, use building blocks or a class without blanks and brackets; a client could write another address into it; filter not loaded',
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
      'own.yaml:5:13: second rule "a", give it another name',
    ],
    [
      'at a setting with the name of a block',
      `${HEAD}settings: { client: x }\nrules:\n  - { name: a, pattern: '^<prefix>one <client>' }\n`,
      'own.yaml:3:21: setting "client" needs another name',
    ],
    [
      'at an example that says nothing',
      `${HEAD}rules:\n  - { name: a, pattern: '^<prefix>one <client>' }\nexamples:\n  - line: x\n`,
      'own.yaml:6:5: "examples.0": an example says either "address" and "rule", or "none"',
    ],
  ])('tells a fault %s', (_title, text, message) => {
    expect(load(text)).toContain(message);
  });

  it.each([
    [{ txt: 'x' }, 'filter "own": no setting "txt", known are text'],
    [{ text: ' ' }, 'filter "own": setting "text" is not one line of text'],
    [{ text: 'a\nb' }, 'filter "own": setting "text" is not one line of text'],
  ])('refuses settings %j', (settings, message) => {
    const text = `${HEAD}settings: { text: trapped }\nrules:\n  - { name: a, pattern: '^<prefix><text> <client>' }\n`;
    expect(load(text, settings as Record<string, string>)).toBe(message);
  });
});

/** The key `line` of an example. */
const line = (text: string): string => `line: 'Nov 25 00:03:16 mx postfix/smtpd[1]: ${text}'`;

describe('examples', () => {
  it('that come out otherwise are problems, each with its place', () => {
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
