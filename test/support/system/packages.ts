// The npm packages of the test machines. A machine cannot reach the registry, so it gets a cache of npm that this host has filled.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RUN } from './machine.ts';

export const CHECKOUT = join(import.meta.dirname, '..', '..', '..');

/** The cache of npm that this host fills, and keeps for later runs. */
const CACHE = join(dirname(RUN), 'npm');

/** Arguments with which npm fills the cache. */
const FILLING = ['--cache', CACHE, '--prefer-offline', '--loglevel=error'];

/** Files of the checkout that a new clone does not have. */
const LEFT_BEHIND = new Set(['node_modules', 'dist', 'build', 'coverage', '.git']);

/** Copies the checkout as a new clone would have it. */
export function cloneTo(folder: string): void {
  cpSync(realpathSync(CHECKOUT), folder, { recursive: true, filter: isInClone });
}

/** Runs npm on this host. Returns its standard output. */
export function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Fills the cache by an installation of the tarball. */
export function fetchFor(tarball: string): void {
  const prefix = join(RUN, 'trial');
  npm(RUN, 'install', '--global', '--prefix', prefix, ...FILLING, tarball);
  rmSync(prefix, { recursive: true });
}

/** Fills the cache with the packages that compile the checkout. */
export function fetchForCompiling(): void {
  const folder = join(RUN, 'trial');
  mkdirSync(folder);
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(join(CHECKOUT, name), join(folder, name));
  npm(folder, 'ci', '--include=dev', '--ignore-scripts', ...FILLING);
  rmSync(folder, { recursive: true });
}

/** Gives the cache to root of a machine. Returns the variables with which npm uses only this cache. */
export function lendCache(disk: string): string[] {
  execFileSync('cp', ['--archive', '--reflink=auto', '--no-target-directory', CACHE, join(disk, 'root', '.npm')]);
  return [`npm_config_registry=${npm(RUN, 'config', 'get', 'registry').trim()}`, 'npm_config_offline=true'];
}

/** Runs `npm pack` in a copy of the checkout, because other tests may use the build in the checkout meanwhile. Returns the path of the tarball. */
export function pack(): string {
  const clone = join(RUN, 'clone');
  cloneTo(clone);
  execFileSync('ln', ['--symbolic', join(CHECKOUT, 'node_modules'), clone]);
  npm(clone, 'pack', '--silent', '--pack-destination', RUN);
  const tarball = readdirSync(RUN).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack has made no tarball');
  rmSync(clone, { recursive: true });
  return join(RUN, tarball);
}

function isInClone(path: string): boolean {
  return !LEFT_BEHIND.has(basename(path)) && !path.endsWith('.tgz');
}
