// Starts vitest in this checkout, even if the path of the checkout has special characters. By hand: node scripts/vitest.mjs ARGUMENT...
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isProgram, ROOT, stop } from './setup.mjs';

/** Characters of a path that Vite reads as the start of a fragment or as an escape. */
const MISREAD = /[#%]/g;

/**
 * Returns the folder in which vitest runs: the checkout, or, when Vite would misread its path, a symbolic link to the checkout below the folder
 * `scratch`. The path of the link keeps all other special characters of the path, so that the tests run with them.
 */
export function testedFolder(scratch) {
  const readable = ROOT.replace(MISREAD, '_');
  if (readable === ROOT) return ROOT;
  if (scratch.search(MISREAD) >= 0) stop(`${scratch}: vitest cannot read a path with # or %, set TMPDIR to another folder`, 69);
  const link = join(scratch, readable);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(ROOT, link);
  return link;
}

/** The arguments with which Node starts vitest in `folder`, a result of `testedFolder`. `words` are the arguments of vitest. */
export function vitestArguments(folder, words) {
  const options = nodeOptions(folder);
  const program = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
  return [...options, program, ...words, '--root', folder, ...options.map((word) => `--execArgv=${word}`)];
}

/**
 * Returns the options of Node that keep the symbolic link in the paths of modules, for vitest and its workers. Vite needs its own option
 * `preserveSymlinks` as well.
 */
export function nodeOptions(folder) {
  return folder === ROOT ? [] : ['--preserve-symlinks', '--preserve-symlinks-main'];
}

if (isProgram(import.meta.url)) {
  const scratch = mkdtempSync(join(tmpdir(), 'trapline-vitest-'));
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const argv = vitestArguments(testedFolder(scratch), process.argv.slice(2));
  process.exitCode = spawnSync(process.execPath, argv, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}
