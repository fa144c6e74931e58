// Makes what a checkout needs before it can run: packages and the compiled program. Does only what is missing, says each in one line.
// Plain Node, no packages: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The compiled program. */
export const MAIN = join(ROOT, 'dist', 'main.cjs');

/** Runs one command in the checkout with its output shown (on standard error); ends this program when the command fails. */
export function must(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: ['inherit', 2, 2], ...options });
  if (result.error) stop(`${command} cannot be started: ${result.error.message}`, 69);
  if (result.status !== 0) stop(`"${[command, ...args].join(' ')}" failed, see above`, result.status ?? 1);
}

/** Says why in one line and ends this program. */
export function stop(text, code = 1) {
  process.stderr.write(`trapline: ${text}\n`);
  process.exit(code);
}

/** One line on what is being done; standard output stays free for what was asked for. */
export function say(text) {
  process.stderr.write(`trapline: ${text}\n`);
}

/** Installs packages and compiles, as far as that is missing or out of date. */
export function setUp() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) stop(`Node ${process.versions.node} is too old, 20.19 or newer is needed`, 69);
  if (!packagesFit()) {
    say('installing packages (npm ci)');
    must('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  const sources = ['src', 'types', 'tsconfig.json', 'tsconfig.build.json', 'rolldown.config.mjs', 'package-lock.json'];
  if (Math.max(...sources.map(changed)) > changed('dist/main.cjs')) build();
}

/** Compiles src/ to build/ and bundles that into dist/, from nothing, so that no file of an earlier state is left in them. */
export function build() {
  say('compiling (tsc), bundling (rolldown)');
  for (const folder of ['build', 'dist']) rmSync(join(ROOT, folder), { recursive: true, force: true });
  must(process.execPath, [tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
  must(process.execPath, [tool('rolldown', 'bin', 'cli.mjs'), '--config', 'rolldown.config.mjs'], quiet);
}

function tool(...path) {
  return join(ROOT, 'node_modules', ...path);
}

/** True when what is installed is what package-lock.json asks for. */
function packagesFit() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const have = packagesIn(installed);
  // What is optional is there or not as the platform has it.
  return Object.entries(packagesIn(join(ROOT, 'package-lock.json'))).every(
    ([path, { version, optional }]) => path === '' || optional || have[path]?.version === version,
  );
}

function packagesIn(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/** When a file, or anything below a folder, was last changed (milliseconds); 0 when there is none. */
function changed(path) {
  const full = join(ROOT, path);
  const stats = statSync(full, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  return Math.max(stats.mtimeMs, ...readdirSync(full).map((name) => changed(join(path, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'build') build();
  else setUp();
}
