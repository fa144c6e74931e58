// Compiles a TypeScript file and its imports, for tests that run and kill a separate program.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

const CHECKOUT = resolve(import.meta.dirname, '../../..');

const TSC = join(CHECKOUT, 'node_modules/typescript/bin/tsc');

/** Compiles `entry` (an absolute path in the checkout). Returns the path of the program, and a function that deletes the program. */
export function compile(entry: string): { program: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-program-'));
  symlinkSync(join(CHECKOUT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
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
  execFileSync(process.execPath, [TSC, ...options, ...target, entry], { cwd: CHECKOUT, stdio: 'pipe' });
  return {
    program: join(folder, relative(CHECKOUT, entry).replace(/\.ts$/, '.js')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
