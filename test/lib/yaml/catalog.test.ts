import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesOf, findFile, isPath, knownNames, type Catalog } from '../../../src/lib/yaml/catalog.ts';

let top = '';
let own = '';
let shipped = '';

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'trapline-catalog-'));
  own = join(top, 'own');
  shipped = join(top, 'shipped');
  for (const folder of [own, shipped]) mkdirSync(folder);
  for (const file of ['mine.yml', 'both.yml', 'both.yaml', 'shared.yml', 'notes.txt', 'yaml']) writeFileSync(join(own, file), '');
  for (const file of ['shared.yaml', 'plain.yaml']) writeFileSync(join(shipped, file), '');
});
afterAll(() => rmSync(top, { recursive: true }));

const catalog = (more: Partial<Catalog> = {}): Catalog => ({ kind: 'filter', folders: [own, shipped], ...more });

describe('findFile', () => {
  it('finds a name with the ending ".yaml" or ".yml"', () => {
    expect(findFile(catalog(), 'mine')).toBe(join(own, 'mine.yml'));
    expect(findFile(catalog(), 'plain')).toBe(join(shipped, 'plain.yaml'));
  });

  it('prefers the first folder that has the name, whatever the ending', () => {
    expect(findFile(catalog(), 'shared')).toBe(join(own, 'shared.yml'));
    expect(findFile(catalog({ folders: [shipped, own] }), 'shared')).toBe(join(shipped, 'shared.yaml'));
  });

  it('refuses a name that a folder has with both endings, unless an earlier folder has the name too', () => {
    const [first, second] = [join(own, 'both.yaml'), join(own, 'both.yml')];
    expect(() => findFile(catalog(), 'both', 'trapline.yaml:5:13')).toThrow(
      `trapline.yaml:5:13: filter "both" exists twice, remove ${first} or ${second}`,
    );
    writeFileSync(join(shipped, 'both.yaml'), '');
    expect(findFile(catalog({ folders: [shipped, own] }), 'both')).toBe(join(shipped, 'both.yaml'));
    rmSync(join(shipped, 'both.yaml'));
  });

  it('returns a path unchanged, even if the file does not exist', () => {
    for (const path of ['missing.yaml', 'missing.yml', 'some/where', './mine']) expect(findFile(catalog(), path)).toBe(path);
  });

  it('skips a folder that does not exist', () => {
    expect(findFile(catalog({ folders: [join(top, 'none'), shipped] }), 'plain')).toBe(join(shipped, 'plain.yaml'));
  });

  it('refuses an unknown name with its place and the nearest name', () => {
    expect(() => findFile(catalog(), 'plian', 'trapline.yaml:5:13')).toThrow(
      `trapline.yaml:5:13: unknown filter "plian", did you mean "plain"? Looked in ${own}, ${shipped}`,
    );
    expect(() => findFile(catalog({ kind: 'action', builtIn: ['print'] }), 'prnt')).toThrow(
      'unknown action "prnt", did you mean "print"?',
    );
  });

  it('refuses an unknown name that resembles no known name, and lists all known names', () => {
    expect(() => findFile(catalog(), 'something-else')).toThrow(
      'unknown filter "something-else", known are both, mine, plain, shared; looked in',
    );
    expect(() => findFile(catalog({ folders: [] }), 'x')).toThrow(/^unknown filter "x", known are none$/);
  });

  it('refuses a name that no file can have', () => {
    for (const name of ['', 'a\0b']) expect(() => findFile(catalog(), name)).toThrow(/^unknown filter /);
  });

  it('refuses a folder that cannot be searched', () => {
    const file = join(own, 'notes.txt');
    expect(() => findFile(catalog({ folders: [file] }), 'plain')).toThrow(`${join(file, 'plain.yaml')}: cannot be read (ENOTDIR)`);
    expect(() => filesOf(catalog({ folders: [file] }))).toThrow(`${file}: cannot be searched (ENOTDIR)`);
  });
});

describe('knownNames', () => {
  it('returns each name once, including names without a file', () => {
    expect(knownNames(catalog({ builtIn: ['print'] }))).toEqual(['both', 'mine', 'plain', 'print', 'shared']);
  });
});

describe('filesOf', () => {
  it('returns every YAML file of every folder, even if an earlier folder has a file with this name', () => {
    expect(filesOf(catalog())).toEqual([
      ...['both.yaml', 'both.yml', 'mine.yml', 'shared.yml'].map((file) => join(own, file)),
      ...['plain.yaml', 'shared.yaml'].map((file) => join(shipped, file)),
    ]);
    expect(filesOf(catalog({ folders: [join(top, 'none')] }))).toEqual([]);
  });
});

describe('isPath', () => {
  it.each([
    ['postfix-spamtrap', false],
    ['yaml', false],
    ['a.yaml.bak', false],
    ['own.yaml', true],
    ['own.yml', true],
    ['./own', true],
  ])('of %s is %s', (text, expected) => {
    expect(isPath(text)).toBe(expected);
  });
});
