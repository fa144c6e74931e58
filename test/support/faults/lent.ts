// Makes a copy of the program and of Node that every user of the machine can run. The copy is needed because the checkout and Node may be
// below a folder that only root may enter, such as /root, or their files may be readable only by root (umask 077).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROGRAM } from './daemon.mjs';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Copies Node and the program. A `World` can start `program` instead of its default. `remove` deletes the copy. */
export function lendProgram(): { readonly program: readonly [string, string]; readonly remove: () => void } {
  const [node, main] = PROGRAM;
  const folder = mkdtempSync(join(tmpdir(), 'trapline-lent-'));
  const checkout = dirname(dirname(main));
  for (const name of ['dist', 'filters', 'actions', 'package.json', ...packages(checkout)]) {
    cpSync(join(checkout, name), join(folder, name), { recursive: true });
  }
  const open = isOpen(node);
  if (!open) cpSync(node, join(folder, 'node'));
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  return {
    program: [open ? node : join(folder, 'node'), join(folder, 'dist', 'main.cjs')],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Returns the packages that are not in the bundle, with their dependencies, as paths in the checkout. */
function packages(checkout: string): Set<string> {
  const found = new Set<string>();
  const find = (name: string): void => {
    const path = join('node_modules', name);
    if (found.has(path) || !existsSync(join(checkout, path))) return;
    found.add(path);
    const manifest = JSON.parse(readFileSync(join(checkout, path, 'package.json'), 'utf8')) as Manifest;
    Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).forEach(find);
  };
  find('libsql');
  return found;
}

/** True when every user may run the program and enter all folders above it. */
function isOpen(path: string): boolean {
  if ((statSync(path).mode & 0o005) !== 0o005) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
