import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKOUT, readSources, sourceFile, type Import, type SourceFile } from './support/source-tree.ts';

/** The door of each room: the only file of it that others import. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  sources: ['read', 'archive'],
  filters: ['match'],
  decision: ['decide'],
  ledger: ['record'],
  actions: ['enforce'],
  config: ['load'],
  control: ['serve', 'call'],
  daemon: ['daemon', 'rooms', 'desk', 'check'],
  cli: ['run'],
};

const doorsOf = (...rooms: string[]): string[] => rooms.flatMap((room) => (DOORS[room] ?? []).map((door) => `${room}/${door}.ts`));

const ROOMS = ['sources', 'filters', 'decision', 'ledger', 'actions'];
const WORDS = ['types.ts', 'errors.ts', 'package.ts', 'lib/'];

/**
 * Who may import what, by folder or file of src/. `lib/` stands for everything in it, `type:` for its types only. Files of one folder may
 * import each other. What has no row may not exist.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  'types.ts': ['type:lib/'],
  'package.ts': [],
  lib: ['errors.ts'],
  ...Object.fromEntries([...ROOMS, 'config', 'control'].map((room) => [room, WORDS])),
  'pipeline.ts': WORDS,
  daemon: [...WORDS, ...doorsOf(...ROOMS, 'config', 'control'), 'pipeline.ts'],
  cli: [...WORDS, ...doorsOf(...ROOMS, 'config', 'daemon'), 'control/call.ts'],
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

/** The row of MAY_IMPORT that a file of src/ belongs to: its room, with whatever folders that has inside, or its own name at the top. */
const rowOf = (path: string): string => path.split('/')[0] ?? path;

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

/** What is wrong in which file of src/: files without a fault are left out. */
function faults(look: (file: SourceFile) => readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(sources.map((file) => [file.path, look(file)] as const).filter(([, found]) => found.length > 0));
}

function refusedImports(file: SourceFile): string[] {
  return file.imports.filter((imported) => isLocal(imported.from) && !allowed(file, imported)).map((imported) => imported.from);
}

/** The first line that is not the name of an interpreter. */
function firstLine(file: SourceFile): string {
  return file.lines.find((line) => !line.startsWith('#!')) ?? '';
}

/** What a file touches of the world outside without a reason on the list. */
function touched(file: SourceFile): string[] {
  const found = OUTSIDE_WORLD.filter(
    ({ pattern, also }) => !also.includes(file.path) && file.lines.some((line) => pattern.test(line)),
  );
  return found.map(({ what }) => what);
}

const namesOf = (file: SourceFile): string[] => [
  posix.basename(file.path, '.ts'),
  ...file.exports.map((exported) => exported.name),
];

/** What talks over a socket in the file system or a pipe only. */
const TALKS_LOCALLY = /^control\/|^sources\/unpack\/pipe\.ts$/;

const namesOfNetwork = (file: SourceFile): string[] =>
  file.imports.map(({ from }) => from).filter((from) => /^node:(?:dns|dgram|https?|http2|tls|net)(?:\/|$)/.test(from));

describe('the house', () => {
  it('has a row in the table for every folder and every file at the top', () => {
    const rows = new Set(sources.map((file) => rowOf(file.path)));
    expect([...rows].filter((row) => MAY_IMPORT[row] === undefined)).toEqual([]);
  });

  it('lets a file import only what its row allows', () => {
    expect(faults((file) => refusedImports(file))).toEqual({});
  });

  it('imports each package in one place, as a dependency', () => {
    const manifest = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string> | undefined
    >;
    const wanted = Object.keys({ ...manifest['dependencies'], ...manifest['optionalDependencies'] });
    const places = new Map<string, string[]>();
    for (const file of sources) {
      const names = file.imports.map((imported) => imported.from).filter((from) => !isLocal(from) && !from.startsWith('node:'));
      for (const name of new Set(names.map(packageOf))) places.set(name, [...(places.get(name) ?? []), file.path]);
    }
    expect([...places.keys()].toSorted()).toEqual(wanted.toSorted());
    const spread = [...places].filter(
      ([name, files]) => !(SHARED_PACKAGES[name] ? files.every(SHARED_PACKAGES[name]) : files.length === 1),
    );
    expect(Object.fromEntries(spread)).toEqual({});
  });

  it(`has at most ${LARGEST_FOLDER} files in a folder, the commands aside`, () => {
    const sizes = new Map<string, number>();
    for (const { path } of sources) sizes.set(posix.dirname(path), (sizes.get(posix.dirname(path)) ?? 0) + 1);
    sizes.delete('cli');
    expect([...sizes].filter(([, size]) => size > LARGEST_FOLDER)).toEqual([]);
  });

  it('is mirrored by its tests, the doors first', () => {
    const rooms = new Set(sources.map((file) => rowOf(file.path)).filter((row) => !row.endsWith('.ts')));
    const paths = new Set(sources.map((file) => file.path));
    const mirrors = tests.map((file) => file.path).filter((path) => path.endsWith('.test.ts') && rooms.has(rowOf(path)));
    expect(mirrors.filter((path) => !paths.has(path.replace(/\.test\.ts$/, '.ts')))).toEqual([]);
    const doors = doorsOf(...ROOMS, 'config', 'control').map((door) => door.replace(/\.ts$/, '.test.ts'));
    expect(doors.filter((door) => !mirrors.includes(door))).toEqual([]);
  });
});

describe('a file of src/', () => {
  it('says in its first line what it is', () => {
    expect(faults((file) => (/^\/\/ \S/.test(firstLine(file)) ? [] : [firstLine(file)]))).toEqual({});
  });

  it(`has at most ${LONGEST_FILE} lines`, () => {
    expect(faults(({ lines }) => (lines.length > LONGEST_FILE ? [String(lines.length)] : []))).toEqual({});
  });

  it('has a doc comment above each export', () => {
    expect(faults((file) => file.exports.filter((exported) => !exported.documented).map((exported) => exported.name))).toEqual({});
  });

  it('has no default export, no enum, and re-exports names of its own room only', () => {
    const unwanted =
      /^export default\b|^(?:export )?(?:declare )?(?:const )?enum\b|^export \*|^export (?:type )?\{.*\} from '(?!\.\/)/;
    expect(faults((file) => file.lines.filter((line) => unwanted.test(line)))).toEqual({});
  });

  it('uses full and telling names', () => {
    expect(faults((file) => namesOf(file).filter((name) => wordsOf(name).some((word) => FORBIDDEN_WORDS.has(word))))).toEqual({});
  });

  it('S03: asks nobody on the network: no name server, no whois, no web', () => {
    expect(faults((file) => (TALKS_LOCALLY.test(file.path) ? [] : namesOfNetwork(file)))).toEqual({});
  });

  it('leaves process.exit, signals, environment and arguments to the command line', () => {
    expect(faults((file) => (file.path === 'main.ts' || file.path.startsWith('cli/') ? [] : touched(file)))).toEqual({});
  });

  it('loads no part of Node late: in the bundle, that would load the whole loader of ES modules', () => {
    expect(faults((file) => file.lines.filter((line) => /\bimport\('node:/.test(line)))).toEqual({});
  });
});

describe('the table', () => {
  it.each([
    ['lets a room use lib/', 'actions/run.ts', `import { exec } from '../lib/exec.ts';`, true],
    ['lets files of a room use each other', 'actions/run.ts', `import { render } from './render.ts';`, true],
    ['keeps a room out of another', 'actions/run.ts', `import { Ledger } from '../ledger/record.ts';`, false],
    [
      'keeps even the types of a room out of another',
      'actions/run.ts',
      `import type { Ledger } from '../ledger/record.ts';`,
      false,
    ],
    ['keeps rooms out of lib/, re-exported too', 'lib/log.ts', `export { Store } from '../ledger/store.ts';`, false],
    ['lets the words use types of lib/', 'types.ts', `import type { Address } from './lib/address.ts';`, true],
    ['sees types marked one by one', 'types.ts', `import { type Address, type Network } from './lib/address.ts';`, true],
    ['keeps values of lib/ out of the words', 'types.ts', `import { parseAddress } from './lib/address.ts';`, false],
    ['lets the daemon open a door', 'daemon/daemon.ts', `import { Ledger } from '../ledger/record.ts';`, true],
    ['lets nobody past a door', 'daemon/daemon.ts', `import { Store } from '../ledger/store.ts';`, false],
    ['lets a command call the daemon', 'cli/ban.ts', `import { callControl } from '../control/call.ts';`, true],
    ['sees what is imported late', 'cli/ban.ts', `const { serve } = await import('../control/serve.ts');`, false],
    ['sees imports of many lines', 'pipeline.ts', `import {\n  Matcher,\n  loadFilter,\n} from './filters/match.ts';`, false],
  ])('%s', (_title, path, text, expected) => {
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
