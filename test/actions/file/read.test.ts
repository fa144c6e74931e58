import { afterAll, describe, expect, it } from 'vitest';
import { readActionFile } from '../../../src/actions/file/read.ts';
import { ConfigError } from '../../../src/errors.ts';
import { Folder } from '../../support/actions/words.ts';

const folder = new Folder();
afterAll(() => folder.remove());

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

describe('readActionFile', () => {
  it.each<[string, { top?: string; ban?: string }, string]>([
    ['an unknown key', { top: 'opne: []' }, '6:1: unknown key "opne", did you mean "open"?'],
    ['an unknown key of a step', { ban: '    argz: []' }, '11:5: unknown key "argz", did you mean "argv"?'],
    ['an unknown name in stdin', { top: 'parts: { a: "{{adress}}" }' }, '6:13: unknown name "adress", did you mean "address"?'],
    ['an unknown part', { ban: '  - argv: [fw, "{{> nothing}}"]' }, '11:16: unknown name "nothing", known are none'],
    [
      'S01: anything but options in an argument',
      { ban: '  - argv: [sh, -c, "fw {{text}}"]' },
      '11:20: "text" cannot stand in an argument, hand it over in stdin',
    ],
    [
      'S01: a part that puts an address into an argument',
      { top: 'parts: { a: "{{address}}" }', ban: '  - argv: [fw, "{{> a}}"]' },
      '11:16: "address" cannot stand in an argument, hand it over in stdin',
    ],
    [
      'the name of a field of a log line',
      { ban: '  - argv: [mail, "{{sender}}"]' },
      '11:18: unknown name "sender", known are block, table, block_drop, block_reject',
    ],
    ['a template whose section is not closed', { ban: '  - { argv: [fw], stdin: "{{#all}}" }' }, '11:26: Unclosed section "all"'],
    [
      'a name with control characters',
      { ban: String.raw`  - { argv: [fw], stdin: "{{#a\x1b}}" }` },
      String.raw`11:26: Unclosed section "a\u{1b}"`,
    ],
    ['a tag that is not allowed', { ban: '  - { argv: [fw], stdin: "{{{text}}}" }' }, '11:26: tag "& text" is not allowed'],
    [
      'a condition that is not an option',
      { ban: '  - { argv: [fw], when: block_maybe }' },
      '11:25: unknown name "block_maybe", known are block_drop, block_reject',
    ],
    [
      'an invalid pattern',
      { ban: '  - { argv: [fw], ignore: "(" }' },
      '11:27: "ignore" of entry 2 of "ban": Invalid regular expression',
    ],
    ['a list pattern without a group', { top: 'list: [{ argv: [fw], parse: "^x" }]' }, '6:29: '],
    ['a parse key outside of list', { ban: '  - { argv: [fw], parse: nft-json }' }, '11:26: only the steps of "list" are parsed'],
    [
      'a default that its option does not allow',
      { top: '  size: { type: word, default: "a b", about: x }' },
      '6:32: action mine: "size" cannot be "a b"',
    ],
    ['an empty command', { ban: '  - { argv: [] }' }, '11:13: '],
  ])('refuses %s', (_what, lines, message) => {
    const path = folder.write('bad.yaml', file(lines));
    expect(() => readActionFile(path)).toThrow(ConfigError);
    expect(() => readActionFile(path)).toThrow(`${path}:${message}`);
  });

  it('refuses a missing file', () => {
    expect(() => readActionFile(`${folder.path}/none.yaml`)).toThrow(/none\.yaml: ENOENT/);
  });
});
