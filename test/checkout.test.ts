// Checks that the programs of the checkout find their files in every folder, whatever characters the path of the folder has.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKOUT } from './support/source-tree.ts';

/** Code that fails when the checkout is in certain folders, and the code to write instead. */
const FAILING = [
  { pattern: /import\.meta\.url\)?\)\.pathname/, instead: 'fileURLToPath: the path of a URL has %20 instead of a blank' },
  {
    pattern: /\bargv\[1\] [!=]==? /,
    instead: 'isProgram of scripts/setup.mjs: the program may be started through a symbolic link',
  },
  {
    pattern: /#!\$\{process\.execPath\}/,
    instead: 'an argv that begins with process.execPath: the kernel splits a `#!` line at a blank',
  },
  { pattern: /node_modules\/\.bin/, instead: "process.execPath with the package's program: PATH may contain another Node" },
  { pattern: /['"`]file:\/\/\$\{/, instead: 'pathToFileURL: a path may contain #, % and ?' },
];

/** The programs in a folder of the checkout, as paths relative to the checkout. */
function programs(folder: string): string[] {
  const files = readdirSync(join(CHECKOUT, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((path) => /\.(?:[mc]?js|m?ts)$/.test(path)).map((path) => join(folder, path));
}

describe('the checkout', () => {
  it('has no program with code that fails in certain folders', () => {
    const own = join('test', 'checkout.test.ts');
    const paths = ['src', 'test', 'bench', 'scripts'].flatMap(programs).filter((path) => path !== own);
    expect(paths.length).toBeGreaterThan(300);
    const found = paths.flatMap((path) => {
      const text = readFileSync(join(CHECKOUT, path), 'utf8');
      return FAILING.filter(({ pattern }) => pattern.test(text)).map(({ instead }) => `${path}: ${instead}`);
    });
    expect(found).toEqual([]);
  });
});
