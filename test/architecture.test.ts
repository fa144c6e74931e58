import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKOUT, readSources, sourceFile, type Import, type SourceFile } from './support/source-tree.ts';

/** The entry points of each module. A module is a folder of src/, which the code calls a room. Other modules import only these files. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  sources: ['read', 'archive'],
  filters: ['match'],
  decision: ['decide'],
  ledger: ['record'],
  actions: ['enforce'],
  config: ['load'],
  control: ['serve', 'call'],
  daemon: ['daemon', 'rooms/build', 'alone/errand', 'alone/trial', 'alone/check'],
  cli: ['main'],
};

const doorsOf = (...rooms: string[]): string[] => rooms.flatMap((room) => (DOORS[room] ?? []).map((door) => `${room}/${door}.ts`));

const ROOMS = ['sources', 'filters', 'decision', 'ledger', 'actions'];
const WORDS = ['words/', 'errors.ts', 'package.ts', 'lib/'];

/**
 * The imports that each folder or file of src/ may have. An entry with a `/` at its end allows all files of the folder. An entry that begins
 * with `type:` allows only types. Files of one module may import each other. A folder or file without a row may not exist.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  words: ['type:lib/'],
  'package.ts': [],
  lib: ['errors.ts'],
  ...Object.fromEntries([...ROOMS, 'control'].map((room) => [room, WORDS])),
  config: [...WORDS, ...ROOMS.map((room) => `${room}/options.ts`)],
  walk: ['words/'],
  daemon: [...WORDS, ...doorsOf(...ROOMS, 'config', 'control'), 'walk/'],
  cli: [...WORDS, ...doorsOf(...ROOMS, 'config', 'daemon'), 'control/call.ts'],
  'main.ts': ['cli/main.ts', 'errors.ts'],
};

/** Packages that more than one file may import. Every other package is imported by one file. */
const SHARED_PACKAGES: Readonly<Record<string, (file: string) => boolean>> = {
  // Each module defines the schema of its own options and files.
  zod: () => true,
  // Each command has a file of its own, which imports the package.
  '@stricli/core': (file) => file.startsWith('cli/'),
};

/** Parts of the process that only the command line may use. `also` lists the files that are exempt from this rule. */
const OUTSIDE_WORLD: readonly { readonly what: string; readonly pattern: RegExp; readonly also: readonly string[] }[] = [
  { what: 'process.exit', pattern: /\bprocess\.(?:exit\b|exitCode\b|abort\b)/, also: [] },
  { what: 'signals', pattern: /\bprocess\.(?:on|once|off|addListener|removeListener)\b/, also: [] },
  // exec.ts reads PATH, which it passes on to child processes.
  { what: 'the environment', pattern: /\bprocess\.env\b/, also: ['lib/children/exec.ts'] },
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
const LARGEST_FOLDER = 12;

const sources = readSources('src');
const tests = readSources('test');

/** The key of a file of src/ in MAY_IMPORT: the name of its module, or the name of a file at the top. */
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

/** The faults of the files of src/. A file without a fault is left out. */
function faults(look: (file: SourceFile) => readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(sources.map((file) => [file.path, look(file)] as const).filter(([, found]) => found.length > 0));
}

function refusedImports(file: SourceFile): string[] {
  return file.imports.filter((imported) => isLocal(imported.from) && !allowed(file, imported)).map((imported) => imported.from);
}

/** The first line of a file that does not begin with `#!`. */
function firstLine(file: SourceFile): string {
  return file.lines.find((line) => !line.startsWith('#!')) ?? '';
}

/** The parts of the process that a file uses without an exemption. */
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

/**
 * The network modules of Node that each folder may import. control/ and lib/http/ serve Unix sockets. Planned folders get their rows when
 * they are written: lists (https, dns), fleet (tls), policy, traps, tarpit, web, notify.
 */
const NETWORK: Readonly<Record<string, readonly string[]>> = {
  'control/': ['node:http', 'node:net'],
  'lib/http/': ['node:http', 'node:net'],
  // The file reads the output of a decompression program from a Unix socket (decision 0010).
  'sources/old/unpack/pipe.ts': ['node:net'],
};

const namesOfNetwork = (file: SourceFile): string[] => {
  const permitted = new Set(Object.entries(NETWORK).flatMap(([folder, parts]) => (file.path.startsWith(folder) ? parts : [])));
  return file.imports
    .filter(({ from, typesOnly }) => !typesOnly && /^node:(?:dns|dgram|https?|http2|tls|net)(?:\/|$)/.test(from))
    .map(({ from }) => from)
    .filter((from) => !permitted.has(from));
};

/** Matches a call of decide, of a recording function or of enforce, on any object. */
const STEPS = /\.(?:decide|record|recordStrictly|recordBans|changesAfter|enforce)\(/g;

/** The files that may call decide, a recording function or enforce. */
const WALKERS = new Set(['walk/court.ts', 'daemon/rooms/doors.ts']);

/** The modules whose inner folders have a single entry point. */
const WALLED = new Set([...ROOMS, 'control', 'config']);

const targetOf = (file: SourceFile, { from }: Import): string => posix.join(posix.dirname(file.path), from);

/** For each inner folder of a module, the files that are imported from outside of the folder. */
function entrances(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of sources) {
    for (const target of file.imports.filter(({ from }) => isLocal(from)).map((imported) => targetOf(file, imported))) {
      const parts = target.split('/');
      // Checks every folder on the path to the target, beginning inside the module.
      for (let depth = 2; depth < parts.length; depth += 1) {
        const folder = parts.slice(0, depth).join('/');
        if (!WALLED.has(rowOf(target)) || file.path.startsWith(`${folder}/`)) continue;
        found.set(folder, (found.get(folder) ?? new Set()).add(target));
      }
    }
  }
  return found;
}

/** The first cycle of imports, as a list of paths. The list is empty when there is no cycle. */
function circle(files: readonly SourceFile[]): readonly string[] {
  const imports = new Map(
    files.map((file) => [file.path, file.imports.filter(({ from }) => isLocal(from)).map((imported) => targetOf(file, imported))]),
  );
  const done = new Set<string>();
  const search = (path: string, way: readonly string[]): readonly string[] => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of imports.get(path) ?? []) {
      const found = search(next, [...way, path]);
      if (found.length > 0) return found;
    }
    done.add(path);
    return [];
  };
  for (const { path } of files) {
    const found = search(path, []);
    if (found.length > 0) return found;
  }
  return [];
}

/** A file with more lines than this has a test file. */
const TESTED_FROM = 60;

describe('the source tree', () => {
  it('has a row in MAY_IMPORT for every folder and every top-level file', () => {
    const rows = new Set(sources.map((file) => rowOf(file.path)));
    expect([...rows].filter((row) => MAY_IMPORT[row] === undefined)).toEqual([]);
  });

  it('has no import that MAY_IMPORT does not allow for the file', () => {
    expect(faults((file) => refusedImports(file))).toEqual({});
  });

  it('imports each package in one file, and declares it as a dependency', () => {
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

  it(`has at most ${LARGEST_FOLDER} files and folders in each folder except src/ and cli/commands/`, () => {
    const entries = new Map<string, Set<string>>();
    for (const { path } of sources) {
      for (let at = path; at !== '.'; at = posix.dirname(at)) {
        entries.set(posix.dirname(at), (entries.get(posix.dirname(at)) ?? new Set()).add(at));
      }
    }
    for (const folder of ['.', 'cli/commands']) entries.delete(folder);
    expect([...entries].filter(([, { size }]) => size > LARGEST_FOLDER).map(([folder]) => folder)).toEqual([]);
  });

  it('has one entry point for each folder inside a module', () => {
    expect(Object.fromEntries([...entrances()].filter(([, files]) => files.size > 1))).toEqual({});
  });

  it('has no cycle of imports, not even inside a module', () => {
    expect(circle(sources)).toEqual([]);
  });

  it('calls decide, record and enforce only in walk/court.ts and daemon/rooms/doors.ts', () => {
    const outside = /^(?:walk|daemon|cli)\//;
    expect(
      faults(({ path, lines }) =>
        outside.test(path) && !WALKERS.has(path) ? lines.flatMap((line) => line.match(STEPS) ?? []) : [],
      ),
    ).toEqual({});
    expect(
      sources.filter(({ path }) => WALKERS.has(path)).every(({ lines }) => lines.some((line) => /\bdecide\b/.test(line))),
    ).toBe(true);
  });

  it('has the tested file for each test file of a module, and a test file for each entry point', () => {
    const rooms = new Set(sources.map((file) => rowOf(file.path)).filter((row) => !row.endsWith('.ts')));
    const paths = new Set(sources.map((file) => file.path));
    const mirrors = tests.map((file) => file.path).filter((path) => path.endsWith('.test.ts') && rooms.has(rowOf(path)));
    expect(mirrors.filter((path) => !paths.has(path.replace(/\.test\.ts$/, '.ts')))).toEqual([]);
    const doors = doorsOf(...ROOMS, 'config', 'control').map((door) => door.replace(/\.ts$/, '.test.ts'));
    expect(doors.filter((door) => !mirrors.includes(door))).toEqual([]);
  });

  it(`has a test file for each file above ${TESTED_FROM} lines, except in words/`, () => {
    const long = sources.filter(({ path, lines }) => lines.length > TESTED_FROM && path.includes('/') && rowOf(path) !== 'words');
    const there = new Set(tests.map(({ path }) => path));
    expect(long.map(({ path }) => path).filter((path) => !there.has(path.replace(/\.ts$/, '.test.ts')))).toEqual([]);
  });
});

describe('a file of src/', () => {
  it('begins with a comment', () => {
    expect(faults((file) => (/^\/\/ \S/.test(firstLine(file)) ? [] : [firstLine(file)]))).toEqual({});
  });

  it(`has at most ${LONGEST_FILE} lines`, () => {
    expect(faults(({ lines }) => (lines.length > LONGEST_FILE ? [String(lines.length)] : []))).toEqual({});
  });

  it('has a doc comment above each export', () => {
    expect(faults((file) => file.exports.filter((exported) => !exported.documented).map((exported) => exported.name))).toEqual({});
  });

  it('has no default export and no enum, and re-exports only names of its own folder', () => {
    const unwanted =
      /^export default\b|^(?:export )?(?:declare )?(?:const )?enum\b|^export \*|^export (?:type )?\{.*\} from '(?!\.\/)/;
    expect(faults((file) => file.lines.filter((line) => unwanted.test(line)))).toEqual({});
  });

  it('uses no vague word such as util, helper or manager in a name', () => {
    expect(faults((file) => namesOf(file).filter((name) => wordsOf(name).some((word) => FORBIDDEN_WORDS.has(word))))).toEqual({});
  });

  it('S03: imports only the network modules that NETWORK permits, so it queries no name server, whois server or web server', () => {
    expect(faults((file) => namesOfNetwork(file))).toEqual({});
  });

  it('leaves process.exit, signals, environment and arguments to the command line', () => {
    expect(faults((file) => (file.path === 'main.ts' || file.path.startsWith('cli/') ? [] : touched(file)))).toEqual({});
  });

  it('imports no module of Node dynamically, because this would load the ES module loader in the bundle', () => {
    expect(faults((file) => file.lines.filter((line) => /\bimport\('node:/.test(line)))).toEqual({});
  });
});

describe('the check of imports', () => {
  it.each([
    ['lets a module import lib/', 'actions/run.ts', `import { exec } from '../lib/children/exec.ts';`, true],
    ['lets files of a module import each other', 'actions/run.ts', `import { render } from './render.ts';`, true],
    ['refuses the import of another module', 'actions/run.ts', `import { Ledger } from '../ledger/record.ts';`, false],
    [
      'refuses the import of a type of another module',
      'actions/run.ts',
      `import type { Ledger } from '../ledger/record.ts';`,
      false,
    ],
    ['does not let lib/ re-export a module', 'lib/text/log.ts', `export { Ledger } from '../../ledger/record.ts';`, false],
    [
      'lets the configuration import the options of a module',
      'config/ways.ts',
      `import { sourceName } from '../sources/options.ts';`,
      true,
    ],
    [
      'does not let the configuration import any other file of a module',
      'config/ways.ts',
      `import { openSource } from '../sources/read.ts';`,
      false,
    ],
    [
      'does not let the daemon import the options of a module',
      'daemon/rooms.ts',
      `import { sourceName } from '../sources/options.ts';`,
      false,
    ],
    ['lets words/ import types of lib/', 'words/walk.ts', `import type { Address } from '../lib/address.ts';`, true],
    [
      'recognises an import in which each name is marked as a type',
      'words/walk.ts',
      `import { type Address, type Network } from '../lib/address.ts';`,
      true,
    ],
    ['does not let words/ import a value of lib/', 'words/walk.ts', `import { parseAddress } from '../lib/address.ts';`, false],
    [
      'lets the daemon import an entry point of a module',
      'daemon/daemon.ts',
      `import { Ledger } from '../ledger/record.ts';`,
      true,
    ],
    [
      'refuses the import of a file that is no entry point',
      'daemon/daemon.ts',
      `import { BanTable } from '../ledger/tables/bans.ts';`,
      false,
    ],
    ['lets a command import control/call.ts', 'cli/commands/ban.ts', `import { callControl } from '../../control/call.ts';`, true],
    ['recognises a dynamic import', 'cli/commands/ban.ts', `const { serve } = await import('../../control/serve.ts');`, false],
    [
      'recognises an import of several lines',
      'walk/pipeline.ts',
      `import {\n  Matcher,\n  loadFilter,\n} from '../filters/match.ts';`,
      false,
    ],
  ])('%s', (_title, path, text, expected) => {
    const file = sourceFile(path, text);
    expect(file.imports.every((imported) => allowed(file, imported))).toBe(expected);
  });

  it('finds a cycle', () => {
    const files = [
      sourceFile('a/one.ts', `import { two } from './two.ts';\n`),
      sourceFile('a/two.ts', `import type { Three } from '../b/three.ts';\n`),
      sourceFile('b/three.ts', `import { one } from '../a/one.ts';\n`),
    ];
    expect(circle(files)).toEqual(['a/one.ts', 'a/two.ts', 'b/three.ts', 'a/one.ts']);
    expect(circle(files.slice(0, 2))).toEqual([]);
  });

  it('finds an export without a doc comment', () => {
    const { exports } = sourceFile('lib/text/log.ts', '/** Said. */\nexport const one = 1;\n\nexport function two(): void {}\n');
    expect(exports).toEqual([
      { name: 'one', documented: true },
      { name: 'two', documented: false },
    ]);
  });
});
