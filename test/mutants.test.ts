import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHECKOUT } from './support/source-tree.ts';

const CLAMP = `/** The smaller one of a value and most. */
export function clamp(value: number, most: number): number {
  if (value > most) return most;
  return value;
}

/** The number of steps of a given size that a way takes. */
export function steps(way: number, size: number): number {
  let count = 0;
  for (let left = way; left > 0; left -= size) count += 1;
  return count;
}
`;

const CLAMP_TEST = `import { expect, it } from 'vitest';
import { clamp, steps } from '../src/clamp.ts';

it('leaves a smaller value', () => {
  expect(clamp(1, 2)).toBe(1);
});
it('cuts a larger value', () => {
  expect(clamp(3, 2)).toBe(2);
});
it('counts steps', { timeout: 1_000 }, async () => {
  const count = steps(4, 2);
  if (count === 5) await new Promise(() => {});
  expect(count).toBeLessThan(6);
});
`;

const OTHER_TEST = `import { expect, it } from 'vitest';

it('passes without the module', () => {
  expect(1).toBe(1);
});
`;

const FAILING_TEST = `import { expect, it } from 'vitest';
import { clamp } from '../src/clamp.ts';

it('expects too much', () => {
  expect(clamp(3, 2)).toBe(3);
});
`;

interface Entry {
  readonly id: string;
  readonly find?: string;
  readonly replace: string;
  readonly test?: string;
  readonly title?: string;
  readonly hangs?: boolean;
}

/** A checkout with one module, its tests and one list of mutants. */
class SmallCheckout {
  readonly root = mkdtempSync(join(tmpdir(), 'trapline-mutants-'));

  constructor(entries: readonly Entry[]) {
    for (const folder of ['src', 'test/mutants']) mkdirSync(join(this.root, folder), { recursive: true });
    symlinkSync(join(CHECKOUT, 'node_modules'), join(this.root, 'node_modules'));
    writeFileSync(join(this.root, 'src/clamp.ts'), CLAMP);
    writeFileSync(join(this.root, 'test/clamp.test.ts'), CLAMP_TEST);
    writeFileSync(join(this.root, 'test/other.test.ts'), OTHER_TEST);
    writeFileSync(join(this.root, 'test/failing.test.ts'), FAILING_TEST);
    const defaults = { file: 'src/clamp.ts', find: 'value > most', test: 'test/clamp.test.ts', why: 'Values would be too large.' };
    // JSON is YAML.
    const list = JSON.stringify(entries.map((entry) => ({ ...defaults, ...entry })));
    writeFileSync(join(this.root, 'test/mutants/small.yaml'), list);
  }

  /** Runs `npm run mutants`. Returns its exit code, the lines of its output, and its errors. */
  mutants(...args: string[]): { readonly status: number | null; readonly lines: readonly string[]; readonly errors: string } {
    const argv = [join(CHECKOUT, 'scripts/mutants.mjs'), '--root', this.root, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    return { status, lines: stdout.trimEnd().split('\n'), errors: stderr };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const MUTANTS: readonly Entry[] = [
  { id: 'dies', replace: 'value < most' },
  { id: 'dies-by-title', replace: 'value < most', title: 'cuts a larger' },
  { id: 'survives', replace: 'value >= most' },
  { id: 'survives-by-title', replace: 'false', title: 'leaves a smaller' },
  { id: 'not-found', find: 'value >= most', replace: 'value > most' },
  { id: 'found-twice', find: 'most', replace: 'least' },
  { id: 'no-code', replace: 'value > most /* always */' },
  { id: 'no-syntax', replace: 'value > > most' },
  { id: 'no-test', replace: 'true', test: 'test/gone.test.ts' },
  { id: 'no-title', replace: 'value < most', title: 'nobody wrote this' },
  { id: 'never-loaded', replace: 'value < most', test: 'test/other.test.ts' },
  { id: 'fails-anyway', replace: 'value < most', test: 'test/failing.test.ts' },
  { id: 'module-throws', find: 'let count = 0;\n for (let left', replace: 'let count = 0;\n for (left' },
  { id: 'cannot-load', find: 'export function clamp', replace: 'missing();\nexport function clamp' },
  { id: 'times-out', find: 'let count = 0', replace: 'let count = 3' },
  { id: 'hangs', find: 'let count = 0', replace: 'let count = 3', hangs: true },
];

describe('npm run mutants', () => {
  const checkout = new SmallCheckout(MUTANTS);
  let run: ReturnType<SmallCheckout['mutants']> = { status: null, lines: [], errors: '' };
  const linesOf = (id: string): readonly string[] => run.lines.filter((line) => line.startsWith(`small/${id} `));

  beforeAll(() => {
    run = checkout.mutants();
  }, 120_000);
  afterAll(() => checkout.remove());

  it('prints no line for a mutant whose test fails', () => {
    expect(linesOf('dies')).toEqual([]);
    expect(linesOf('dies-by-title')).toEqual([]);
    expect(linesOf('module-throws')).toEqual([]);
  });

  it.each([
    ['survives', 'survived test/clamp.test.ts'],
    ['survives-by-title', 'survived test/clamp.test.ts'],
    ['not-found', 'the text to find occurs 0 times in src/clamp.ts, exactly once is expected'],
    ['found-twice', 'the text to find occurs 4 times in src/clamp.ts, exactly once is expected'],
    ['no-code', 'the mutation changes no code'],
    ['no-test', 'the test file test/gone.test.ts does not exist'],
    ['no-title', 'test/clamp.test.ts runs no test called "nobody wrote this"'],
    [
      'never-loaded',
      'the test never loads src/clamp.ts: test/other.test.ts must import it in its own process, not start the built program',
    ],
    [
      'fails-anyway',
      'test/failing.test.ts fails without the mutation: "expects too much": expected 2 to be 3 // Object.is equality',
    ],
    ['cannot-load', 'test/clamp.test.ts cannot be run with the mutation: missing is not defined'],
  ])('reports %s in one line', (id, fault) => {
    expect(linesOf(id)).toEqual([`small/${id} (src/clamp.ts): ${fault}`]);
  });

  it('reports a mutation that does not compile in one line', () => {
    expect(linesOf('no-syntax')).toEqual([expect.stringContaining('the mutated file does not compile: ')]);
  });

  it('counts a time-out as a failed test only for a mutant with "hangs: true"', () => {
    expect(linesOf('times-out')).toEqual([
      'small/times-out (src/clamp.ts): test/clamp.test.ts only timed out: "counts steps": Test timed out in 1000ms.; ' +
        'write "hangs: true" if the mutation makes the program hang',
    ]);
    expect(linesOf('hangs')).toEqual([]);
  });

  it('prints the numbers of dead and surviving mutants at the end, and fails when a mutant survived', () => {
    expect(run.lines.slice(-3)).toEqual([
      'small: 4 of 16 died',
      expect.stringMatching(/^slowest: test\/.*\.test\.ts \d+ s, /),
      expect.stringMatching(/^16 mutants, 4 died, 12 survived, \d+\.\d minutes$/),
    ]);
    expect(run).toMatchObject({ status: 1, errors: '' });
  });

  it('leaves every file of the checkout unchanged', () => {
    expect(readFileSync(join(checkout.root, 'src/clamp.ts'), 'utf8')).toBe(CLAMP);
  });

  it('finds the modules of a checkout that is reached by a symbolic link', () => {
    const link = `${checkout.root}-link`;
    symlinkSync(checkout.root, link);
    const { lines } = checkout.mutants('dies', '--root', link);
    rmSync(link);
    expect(lines.at(-1)).toMatch(/^1 mutants, 1 died, /);
  });

  it('runs only the named mutants, and succeeds when all of them died', () => {
    const { status, lines } = checkout.mutants('small/dies', 'hangs');
    expect(lines.at(-1)).toMatch(/^2 mutants, 2 died, 0 survived, /);
    expect(status).toBe(0);
  });

  it('lists the named mutants without running them', () => {
    expect(checkout.mutants('--list', 'dies').lines).toEqual([
      'small/dies  src/clamp.ts  test/clamp.test.ts',
      '    Values would be too large.',
    ]);
  });

  it('refuses a word that names neither a list nor a mutant', () => {
    expect(checkout.mutants('nobody')).toMatchObject({
      status: 64,
      errors: 'trapline: no room and no mutant is called "nobody"; rooms are small, and --list shows every mutant\n',
    });
  });
});

/** Promises of docs/reliability.md for which no mutant is possible, because no single line of src/ keeps them. Each has the test that checks it. */
const KEPT_OTHERWISE: Readonly<Record<string, string>> = {
  'Trapline sends no packet and opens no port':
    'test/architecture.test.ts reads the imports of every file, and test/systemd.test.ts the unit',
  'The commands of the README are sufficient': 'test/system/readme.test.ts follows the README on a bare Debian',
  'The daemon runs with two capabilities': 'test/system/install.test.ts and test/systemd.test.ts check the unit',
};

describe('the lists of mutants', () => {
  it('contain only mutations that are possible', () => {
    const argv = [join(CHECKOUT, 'scripts/mutants.mjs'), '--list'];
    const { stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    expect(stdout).toContain('  src/');
    expect(stdout.split('\n\n').filter((entry) => entry.includes('fault: '))).toEqual([]);
  });

  it('contain a mutant for each promise of docs/reliability.md', () => {
    const folder = join(CHECKOUT, 'test/mutants');
    const quoted = readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .flatMap((name) => parse(readFileSync(join(folder, name), 'utf8')) as { promise?: string }[])
      .flatMap(({ promise }) => promise ?? []);
    const page = readFileSync(join(CHECKOUT, 'docs/reliability.md'), 'utf8');
    const promises = Array.from(page.matchAll(/^\| \*\*(.+?)\*\*/gm), (found) => found[1] ?? '');
    expect(promises.length).toBeGreaterThan(20);
    const known = new Set([...quoted, ...Object.keys(KEPT_OTHERWISE)]);
    expect(promises.filter((promise) => !known.has(promise))).toEqual([]);
    expect([...known].filter((promise) => !promises.includes(promise))).toEqual([]);
  });
});
