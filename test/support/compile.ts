// Compiles a TypeScript file and what it imports, for tests that need a program of their own: one that can be killed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const CHECKOUT = resolve(import.meta.dirname, '../..');

/** Where compiled programs go: below node_modules, so that they find the packages. */
const CACHE = join(CHECKOUT, 'node_modules/.cache/trapline-test');

/** Compiles `entry` (an absolute path in the checkout). Returns the path of the program, and how to remove it. */
export function compile(entry: string): { program: string; remove: () => void } {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'program-'));
  const options = [
    '--ignoreConfig',
    '--rootDir',
    CHECKOUT,
    '--outDir',
    folder,
    '--rewriteRelativeImportExtensions',
    '--skipLibCheck',
  ];
  const target = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--esModuleInterop'];
  execFileSync(join(CHECKOUT, 'node_modules/.bin/tsc'), [...options, ...target, entry], { cwd: CHECKOUT, stdio: 'pipe' });
  return {
    program: join(folder, relative(CHECKOUT, entry).replace(/\.ts$/, '.js')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
