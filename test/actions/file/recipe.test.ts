import { afterAll, describe, expect, it } from 'vitest';
import { Recipe, type Given } from '../../../src/actions/file/recipe.ts';
import { entry, Folder } from '../../support/actions/words.ts';

const folder = new Folder();
afterAll(() => folder.remove());

/** The recipe of a file that has `lines` besides the required lines. */
function recipe(lines = '', given: Given = { options: {} }): Recipe {
  const path = folder.write(
    'mine.yaml',
    `name: mine
description: mine
options: { table: { type: word, default: trap, about: which } }
ban: [{ argv: [fw, "{{table}}"], stdin: "{{#all}}{{text}} {{seconds}}{{/all}}" }]
unban: [{ argv: [fw, -d] }]
examples: [{ verb: open }]
${lines.includes('open:') ? '' : 'open: []'}
${lines}`,
  );
  return new Recipe(path, given);
}

const where = (): string => 'trapline.yaml:5:19';

describe('a recipe, which is an action file with its options filled in', () => {
  it('fills options and entries into the commands of a verb', () => {
    const now = Date.now();
    const [command] = recipe('', { options: { table: 'mx' } }).commands('ban', [{ ...entry('192.0.2.7'), until: now + 5000 }], now);
    expect(command).toMatchObject({ argv: ['fw', 'mx'], stdin: '192.0.2.7 5' });
  });

  it('has a default for each key that its file leaves out', () => {
    const { name, install, longest, compare, batch, warnings, listable, session, watch, splitsFamilies } = recipe();
    expect({ name, install, longest, compare, batch, warnings, listable, session, watch, splitsFamilies }).toEqual({
      batch: Infinity,
      warnings: undefined,
      name: 'mine',
      install: {},
      longest: undefined,
      compare: false,
      listable: Infinity,
      session: undefined,
      watch: undefined,
      splitsFamilies: false,
    });
    expect([recipe().has('list'), recipe().has('close')]).toEqual([false, true]);
  });

  it('has the keys of its file, with times in milliseconds and options filled in', () => {
    const full = recipe(
      `install: { fw: the package fw }
longest: 60
compare: true
listable: 1000
holds: []
list: []
open: [{ argv: [fw], family: 6 }]
watch: { argv: [fw, "{{table}}"], lines: "^{{table}}$", most: 5 }`,
      { options: { table: 'mx' } },
    );
    const { install, longest, compare, listable, watch, splitsFamilies } = full;
    expect({ install, longest, compare, listable, watch, splitsFamilies }).toEqual({
      install: { fw: 'the package fw' },
      longest: 60_000,
      compare: true,
      listable: 1000,
      watch: { argv: ['fw', 'mx'], lines: '^mx$', most: 5 },
      splitsFamilies: true,
    });
    expect(full.has('list')).toBe(true);
  });

  it('reads networks only from the output of steps with a parse key', () => {
    const listing = recipe(String.raw`list: [{ argv: [fw], parse: "^(\\S+)" }, { argv: [fw] }]`);
    const [parsed, plain] = listing.commands('list', [], 0);
    const found = [parsed, plain].map((command) => command && listing.networksIn(command, '192.0.2.7\n'));
    expect(found).toEqual([['192.0.2.7/32'], []]);
  });

  it('refuses an unknown option with its place in the configuration, and an unknown key with its place in the action file', () => {
    expect(() => recipe('', { options: { tabel: 'x' }, where })).toThrow(
      'trapline.yaml:5:19: action mine: unknown option "tabel", did you mean "table"?',
    );
    expect(() => recipe('opne: []', { options: {}, where })).toThrow('mine.yaml:8:1: unknown key "opne", did you mean "open"?');
  });
});
