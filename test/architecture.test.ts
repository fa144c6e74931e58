import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKOUT, readSources, sourceFile, type Import, type SourceFile } from './support/source-tree.ts';

/** The door of each room: the only file of it that others import. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  sources: ['read'],
  filters: ['match'],
  decision: ['decide'],
  ledger: ['record'],
  actions: ['enforce'],
  config: ['load'],
  control: ['serve', 'call'],
  cli: ['run'],
};

const doorsOf = (...rooms: string[]): string[] => rooms.flatMap((room) => (DOORS[room] ?? []).map((door) => `${room}/${door}.ts`));

const ROOMS = ['sources', 'filters', 'decision', 'ledger', 'actions'];
const WORDS = ['types.ts', 'errors.ts', 'lib/'];

/**
 * Who may import what, by folder or file of src/. `lib/` stands for everything in it, `type:` for its types only. Files of one folder may
 * import each other. What has no row may not exist.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  'types.ts': ['type:lib/'],
  lib: ['errors.ts'],
  ...Object.fromEntries([...ROOMS, 'config', 'control'].map((room) => [room, WORDS])),
  'pipeline.ts': WORDS,
  'rooms.ts': [...WORDS, ...doorsOf(...ROOMS, 'config')],
  'controls.ts': [...WORDS, ...doorsOf(...ROOMS, 'config'), 'rooms.ts'],
  'daemon.ts': [...WORDS, ...doorsOf(...ROOMS, 'config'), 'control/serve.ts', 'pipeline.ts', 'rooms.ts', 'controls.ts'],
  cli: [...WORDS, ...doorsOf(...ROOMS, 'config'), 'control/call.ts', 'daemon.ts', 'rooms.ts', 'controls.ts'],
  'main.ts': ['cli/run.ts', 'errors.ts'],
};

/** Packages that more than one file may import. All others are imported in one place. */
const SHARED_PACKAGES: Readonly<Record<string, (file: string) => boolean>> = {
  // Each room owns the type of its own options and the schema of its own files.
  zod: () => true,
  // One command, one file.
  '@stricli/core': (file) => file.startsWith('cli/'),
};

/** What only the command line touches, and the files that have a reason to. */
const OUTSIDE_WORLD: readonly { readonly what: string; readonly pattern: RegExp; readonly also: readonly string[] }[] = [
  { what: 'process.exit', pattern: /\bprocess\.(?:exit\b|exitCode\b|abort\b)/, also: [] },
  { what: 'signals', pattern: /\bprocess\.(?:on|once|off|addListener|removeListener)\b/, also: [] },
  // A child gets the PATH of its parent, and nothing else of its environment.
  { what: 'the environment', pattern: /\bprocess\.env\b/, also: ['lib/exec.ts'] },
  { what: 'the arguments', pattern: /\bprocess\.argv\b/, also: [] },
];

const FORBIDDEN_WORDS = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'manager',
  'handler',
  'service',
  'process',
  'data',
  'info',
]);

const LONGEST_FILE = 250;
const LARGEST_FOLDER = 9;

const sources = readSources('src');
const tests = readSources('test');

/** The row of MAY_IMPORT that a file of src/ belongs to: its folder, or its own name at the top. */
const rowOf = (path: string): string =>
  path
    .split('/')
    .slice(0, Math.max(1, path.split('/').length - 1))
    .join('/');

const wordsOf = (name: string): string[] => name.split(/(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+/).map((word) => word.toLowerCase());

const isLocal = (from: string): boolean => from.startsWith('.');

/** `@stricli/core/x` -> `@stricli/core`. */
const packageOf = (from: string): string =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');

function allowed(file: SourceFile, imported: Import): boolean {
  const target = posix.join(posix.dirname(file.path), imported.from);
  const row = rowOf(file.path);
  if (row !== file.path && rowOf(target) === row) return true;
  return (MAY_IMPORT[row] ?? []).some((entry) => {
    const [, typesOnly, place = ''] = /^(type:)?(.*)$/.exec(entry) ?? [];
    if (typesOnly !== undefined && !imported.typesOnly) return false;
    return place.endsWith('/') ? target.startsWith(place) : target === place;
  });
}

const eachSource = sources.map((file) => [file.path, file] as const);

describe('the house', () => {
  it('has a row in the table for every folder and every file at the top', () => {
    const rows = new Set(sources.map((file) => rowOf(file.path)));
    expect([...rows].filter((row) => MAY_IMPORT[row] === undefined)).toEqual([]);
  });

  it.each(eachSource)('src/%s imports only what its row allows', (_path, file) => {
    const refused = file.imports.filter((imported) => isLocal(imported.from) && !allowed(file, imported));
    expect(refused.map((imported) => imported.from)).toEqual([]);
  });

  it('imports each package in one place, as a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const places = new Map<string, string[]>();
    for (const file of sources) {
      const names = file.imports.map((imported) => imported.from).filter((from) => !isLocal(from) && !from.startsWith('node:'));
      for (const name of new Set(names.map(packageOf))) places.set(name, [...(places.get(name) ?? []), file.path]);
    }
    expect([...places.keys()].toSorted()).toEqual(Object.keys(dependencies).toSorted());
    const spread = [...places].filter(
      ([name, files]) => !(SHARED_PACKAGES[name] ? files.every(SHARED_PACKAGES[name]) : files.length === 1),
    );
    expect(Object.fromEntries(spread)).toEqual({});
  });

  it('names its built-in modules with node:', () => {
    const bare = sources.flatMap((file) =>
      file.imports.filter((imported) => /^(?:fs|path|os|net|http|child_process|crypto|zlib|vm|v8)(?:$|\/)/.test(imported.from)),
    );
    expect(bare).toEqual([]);
  });

  it(`has at most ${LARGEST_FOLDER} files in a folder, the commands aside`, () => {
    const folders = new Set(sources.map((file) => dirname(file.path)));
    const large = [...folders].filter(
      (folder) => folder !== 'cli' && sources.filter((file) => dirname(file.path) === folder).length > LARGEST_FOLDER,
    );
    expect(large).toEqual([]);
  });

  it('mirrors its rooms in the tests', () => {
    const rooms = new Set(sources.map((file) => rowOf(file.path)).filter((row) => !row.endsWith('.ts')));
    const paths = new Set(sources.map((file) => file.path));
    const stray = tests
      .map((file) => file.path)
      .filter((path) => path.endsWith('.test.ts') && rooms.has(dirname(path)))
      .filter((path) => !paths.has(path.replace(/\.test\.ts$/, '.ts')));
    expect(stray).toEqual([]);
    const doors = doorsOf(...ROOMS, 'config', 'control').map((door) => door.replace(/\.ts$/, '.test.ts'));
    expect(doors.filter((door) => !tests.some((file) => file.path === door))).toEqual([]);
  });
});

describe.each(eachSource)('src/%s', (path, file) => {
  it('says in its first line what it is', () => {
    const [first, second] = file.lines;
    expect(first?.startsWith('#!') ? second : first).toMatch(/^\/\/ \S/);
  });

  it(`has at most ${LONGEST_FILE} lines`, () => {
    expect(file.lines.length).toBeLessThanOrEqual(LONGEST_FILE);
  });

  it('has a doc comment above each export', () => {
    expect(file.exports.filter((exported) => !exported.documented).map((exported) => exported.name)).toEqual([]);
  });

  it('has no default export, no enum, and re-exports only from its own room', () => {
    expect(
      file.lines.filter((line) => /^export default\b|^(?:export )?(?:declare )?(?:const )?enum\b|^export \*/.test(line)),
    ).toEqual([]);
    expect(file.lines.filter((line) => /^export (?:type )?\{.*\} from '(?!\.\/)/.test(line))).toEqual([]);
  });

  it('uses full and telling names', () => {
    const names = [posix.basename(path, '.ts'), ...file.exports.map((exported) => exported.name)];
    expect(names.filter((name) => wordsOf(name).some((word) => FORBIDDEN_WORDS.has(word)))).toEqual([]);
  });

  it('leaves process.exit, signals, environment and arguments to the command line', () => {
    if (path.startsWith('cli/') || path === 'main.ts') return;
    const touched = OUTSIDE_WORLD.filter(
      ({ pattern, also }) => !also.includes(path) && file.lines.some((line) => pattern.test(line)),
    );
    expect(touched.map(({ what }) => what)).toEqual([]);
  });
});

describe('the rules', () => {
  it.each([
    ['actions/run.ts', `import { exec } from '../lib/exec.ts';`, true],
    ['actions/run.ts', `import { render } from './render.ts';`, true],
    ['actions/run.ts', `import type { Past } from '../ledger/record.ts';`, false],
    ['actions/run.ts', `import { Ledger } from '../ledger/record.ts';`, false],
    ['types.ts', `import type { Address } from './lib/address.ts';`, true],
    ['types.ts', `import { type Address, type Network } from './lib/address.ts';`, true],
    ['types.ts', `import { parseAddress } from './lib/address.ts';`, false],
    ['daemon.ts', `import { Ledger } from './ledger/record.ts';`, true],
    ['daemon.ts', `import { Store } from './ledger/store.ts';`, false],
    ['cli/ban.ts', `const { serve } = await import('../control/serve.ts');`, false],
    ['cli/ban.ts', `import { call } from '../control/call.ts';`, true],
    ['lib/log.ts', `export { Store } from '../ledger/store.ts';`, false],
    ['pipeline.ts', `import {\n  Matcher,\n  loadFilter,\n} from './filters/match.ts';`, false],
  ])('for %s: %s -> %s', (path, text, expected) => {
    const file = sourceFile(path, text);
    expect(file.imports.every((imported) => allowed(file, imported))).toBe(expected);
  });

  it('sees an export without its doc comment', () => {
    const { exports } = sourceFile('lib/log.ts', '/** Said. */\nexport const one = 1;\n\nexport function two(): void {}\n');
    expect(exports).toEqual([
      { name: 'one', documented: true },
      { name: 'two', documented: false },
    ]);
  });
});
