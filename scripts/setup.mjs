// Installs the packages of a checkout when they are missing, compiles the program when it is out of date, and prints one line for each step.
// It imports no package, because it runs before packages are installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The compiled program. */
export const MAIN = join(ROOT, 'dist', 'main.cjs');

/** The files and folders from which the program is compiled. */
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'rolldown.config.mjs', 'package-lock.json'];
const SOURCES = ['src', 'types', 'filters', 'scripts/shipped-filters.mjs', ...SETTINGS];

/** The file with the hash of the sources from which dist/ was made. */
const HASH = join(ROOT, 'build', 'sources.sha256');

/** Runs one command in the checkout, with its output on standard error. Ends this program when the command fails. */
export function must(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: ['inherit', 2, 2], ...options });
  if (result.error) stop(`${command} cannot be started: ${result.error.message}`, 69);
  if (result.status !== 0) stop(`"${[command, ...args].join(' ')}" failed, see above`, result.status ?? 1);
}

/** Prints the reason in one line and ends this program. */
export function stop(text, code = 1) {
  process.stderr.write(`trapline: ${text}\n`);
  process.exit(code);
}

/** Prints a line about the present step to standard error, because standard output is for the result. */
export function say(text) {
  process.stderr.write(`trapline: ${text}\n`);
}

/** The folders of programs for root. */
const FOLDERS_FOR_ROOT = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Installs missing packages, and compiles when the program is out of date. First adds the folders of programs for root to PATH, which `su` omits. */
export function setUp() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  process.env.PATH = [...folders, ...FOLDERS_FOR_ROOT.filter((folder) => !folders.includes(folder))].join(delimiter);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) stop(`Node ${process.versions.node} is too old, 20.19 or newer is needed`, 69);
  if (ROOT.includes('?'))
    stop(`${ROOT}: rolldown cannot read a path with a question mark, move the checkout to another folder`, 69);
  if (!packagesFit()) {
    say('installing packages (npm ci)');
    const cache = temporaryCache();
    must('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', ...cache.words]);
    cache.remove();
    leaveToOwner();
  }
  if (!existsSync(MAIN) || !existsSync(HASH) || readFileSync(HASH, 'utf8') !== hashOfSources()) build();
}

/** Compiles src/ to build/ and bundles build/ into dist/. Both folders are emptied first, so that no file of an earlier build stays. */
export function build() {
  say('compiling (tsc), bundling (rolldown)');
  const hash = hashOfSources();
  for (const folder of ['build', 'dist']) empty(join(ROOT, folder));
  must(process.execPath, [tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
  must(process.execPath, [tool('rolldown', 'bin', 'cli.mjs'), '--config', 'rolldown.config.mjs'], quiet);
  writeFileSync(HASH, hash);
  leaveToOwner();
}

function empty(folder) {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (thrown) {
    stop(`${folder}: cannot be replaced by this user (${thrown.code}), run this as the owner of the checkout`, 77);
  }
}

/** When root has made files in a checkout of another user, gives these files to that user. Otherwise that user could not replace the files. */
export function leaveToOwner() {
  const { uid, gid } = statSync(ROOT);
  if (process.getuid?.() !== 0 || uid === 0) return;
  const made = ['build', 'dist', 'node_modules'].filter((name) => existsSync(join(ROOT, name)));
  spawnSync('chown', ['--recursive', '--no-dereference', `${uid}:${gid}`, ...made], { cwd: ROOT, stdio: 'ignore' });
}

/** True when Node was started with the module at `url`, also through a symbolic link. */
export function isProgram(url) {
  const [, program = ''] = process.argv;
  return existsSync(program) && realpathSync(program) === realpathSync(fileURLToPath(url));
}

function tool(...path) {
  return join(ROOT, 'node_modules', ...path);
}

/** Makes a temporary cache for npm when npm's own cache in the home folder cannot be written. `words` are the arguments for npm. */
function temporaryCache() {
  const kept = process.env.npm_config_cache || join(home() ?? ROOT, '.npm');
  if (isWritable(kept)) return { words: [], remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'trapline-npm-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  return { words: ['--cache', folder], remove };
}

function home() {
  try {
    return homedir();
  } catch {
    return undefined; // HOME is not set, and the user has no entry in passwd(5).
  }
}

/** True when this user can make files in the folder. A missing folder counts as writable if it can be made. */
function isWritable(folder) {
  if (!existsSync(folder)) return folder !== dirname(folder) && isWritable(dirname(folder));
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** True when the versions of the installed packages are those in package-lock.json. */
function packagesFit() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const have = packagesIn(installed);
  // An optional package may be missing, depending on the platform.
  return Object.entries(packagesIn(join(ROOT, 'package-lock.json'))).every(
    ([path, { version, optional }]) => path === '' || optional || have[path]?.version === version,
  );
}

function packagesIn(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/** Returns a hash of the paths and contents of the sources. Their dates are no measure, because an unpacked archive gives its files old dates. */
function hashOfSources() {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap(filesBelow))
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  return hash.digest('hex');
}

/** The paths of the files below a folder of the checkout in a fixed order, or the path itself if it is a file. */
function filesBelow(path) {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path))
    .toSorted()
    .flatMap((name) => filesBelow(join(path, name)));
}

if (isProgram(import.meta.url)) {
  if (process.argv[2] === 'build') build();
  else setUp();
}
