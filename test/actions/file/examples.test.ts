import { afterAll, describe, expect, it } from 'vitest';
import { checkActionFile } from '../../../src/actions/file/examples.ts';
import { Folder } from '../../support/actions/words.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const check = (examples: string): string[] =>
  checkActionFile(
    folder.write(
      'mine.yaml',
      `name: mine
description: mine
options: { table: { type: word, default: trap, about: which } }
open: []
ban: [{ argv: [fw, "{{table}}"], stdin: "{{#all}}{{text}} {{seconds}}\\n{{/all}}" }]
unban: [{ argv: [fw, -d], stdin: "{{#all}}{{text}}\\n{{/all}}" }]
list: [{ argv: [fw, -l], parse: '^(\\S+) ' }]
examples:
${examples}`,
    ),
  ).map((problem) => problem.replace(`${folder.path}/`, ''));

describe('checkActionFile', () => {
  it('finds no fault in examples that are right', () => {
    const problems = check(`
  - { verb: ban, entries: { 192.0.2.7: 10m }, commands: [{ argv: [fw, trap], stdin: "192.0.2.7 600\\n" }] }
  - { verb: ban, options: { table: x }, entries: { "2001:db8::/64": forever }, commands: [{ argv: [fw, x], stdin: "2001:db8::/64 0\\n" }] }
  - { verb: unban, networks: [192.0.2.7], commands: [{ argv: [fw, -d], stdin: "192.0.2.7\\n" }] }
  - { verb: list, output: ["192.0.2.7 x\\n"], networks: [192.0.2.7] }`);
    expect(problems).toEqual([]);
  });

  it.each([
    [
      '- { verb: ban, entries: { 192.0.2.7: 10m }, commands: [{ argv: [fw, trap], stdin: "192.0.2.7 60\\n" }] }',
      'mine.yaml:9:5: example of ban: stdin 1, line 1: expected "192.0.2.7 60", got "192.0.2.7 600"',
    ],
    [
      '- { verb: ban, entries: { 192.0.2.7: 10m }, commands: [{ argv: [fw], stdin: "192.0.2.7 600\\n" }] }',
      'mine.yaml:9:5: example of ban: argv 1, line 2: expected nothing, got "trap"',
    ],
    ['- { verb: ban, commands: [{ argv: [fw] }] }', 'mine.yaml:9:5: example of ban: makes 0 commands, not 1'],
    [
      '- { verb: list, output: ["192.0.2.7 x"] }',
      'mine.yaml:9:5: example of list: networks, line 1: expected nothing, got "192.0.2.7/32"',
    ],
    ['- { verb: ban, entries: { 192.0.2.999: 1m } }', 'mine.yaml:9:5: example of ban: "192.0.2.999": not an address or network'],
    [
      '- { verb: ban, entries: { 192.0.2.7: soon } }',
      'mine.yaml:9:5: example of ban: "soon" is neither a span such as 10m nor "forever"',
    ],
    [
      '- { verb: ban, options: { tabel: x } }',
      'mine.yaml:9:5: example of ban: action mine: unknown option "tabel", did you mean "table"?',
    ],
    ['- { verb: bann }', expect.stringMatching(/^mine\.yaml:9:13: "verb" of entry 1 of "examples": /)],
  ])('reports the fault in the example %s', (example, problem) => {
    expect(check(`  ${example}`)).toEqual([problem]);
  });

  it('reports a file that cannot be read', () => {
    expect(checkActionFile(`${folder.path}/none.yaml`)).toEqual([expect.stringMatching(/none\.yaml: ENOENT/)]);
  });
});
