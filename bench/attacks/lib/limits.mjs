// Runs a daemon as another user, and changes its limits while it runs, for the attacks on limits.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROGRAM } from '../../../test/support/faults/daemon.mjs';

/** A user id that only this attack uses, so that no other program uses up its processes and inotify instances. */
export const USER = 61_000 + (process.pid % 3000);

/** The argv prefix that runs a program as this user, as the unit does: with the capability for the firewall only. */
export const AS_USER = [
  'setpriv',
  `--reuid=${USER}`,
  `--regid=${USER}`,
  '--clear-groups',
  '--inh-caps=-all,+net_admin',
  '--ambient-caps=-all,+net_admin',
  '--bounding-set=-all,+net_admin',
];

/** Lets the daemon of this world run as USER: gives it the folder, and a copy of the program that every user can run. */
export function lend(world) {
  const [node, main] = PROGRAM;
  const checkout = dirname(dirname(main));
  const copy = join(world.folder, 'program');
  mkdirSync(copy);
  const packages = ['libsql', '@libsql', '@neon-rs', 'detect-libc'].map((name) => join('node_modules', name));
  for (const name of ['dist', 'filters', 'actions', 'package.json', ...packages]) {
    if (existsSync(join(checkout, name))) cpSync(join(checkout, name), join(copy, name), { recursive: true });
  }
  if (!isOpen(node)) cpSync(node, join(copy, 'node'));
  execFileSync('chmod', ['-R', 'a+rX', copy]);
  execFileSync('chown', ['-R', String(USER), world.folder]);
  chmodSync(world.folder, 0o755);
  world.program = [isOpen(node) ? node : join(copy, 'node'), join(copy, 'dist', 'main.cjs')];
  world.before = [...world.before, ...AS_USER];
}

/** True when every user may run the program and enter all folders above it. */
function isOpen(path) {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return (statSync(path).mode & 0o005) === 0o005;
  }
}

/** Sets a soft limit of the daemon while it runs, as prlimit(1) writes it: `setLimit(world, 'nofile', 20)`. */
export function setLimit(world, name, value) {
  // Only its own user, or a root with CAP_SYS_RESOURCE, may set the limits of a daemon of another user.
  const [program, ...args] = [
    ...(world.program === PROGRAM ? [] : AS_USER),
    'prlimit',
    '--pid',
    String(world.child.pid),
    `--${name}=${value}:`,
  ];
  execFileSync(program, args);
}

/** The open descriptors of the daemon. */
export function descriptors(world) {
  return readdirSync(`/proc/${world.child.pid}/fd`).map(Number);
}

/** The lowest number that is no open descriptor: with this limit the daemon can open nothing. */
export function lowestFree(world) {
  const taken = new Set(descriptors(world));
  let free = 0;
  while (taken.has(free)) free += 1;
  return free;
}

/** The processes of the daemon's children, zombies included. */
export function children(world) {
  const { pid } = world.child;
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** Runs the program to its end, in the namespace and as the user of the world; resolves to exit code and outputs. */
export function trapline(world, words, options = {}) {
  const [program, ...args] = world.inside(...world.before, ...world.program, ...words);
  return new Promise((resolve) => {
    const child = execFile(program, args, { maxBuffer: 2 ** 28, timeout: 50_000, ...options }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    );
    child.stdin.end(options.input ?? '');
  });
}

/** True for exactly one line that begins with the name of the program. */
export const isOneLine = (text) => /^trapline: [^\n]{5,2100}\n$/.test(text);

/** The hits in the ledger, as one text of addresses in the order of their names. */
export function hitsOf(world) {
  const rows = world.rows('SELECT address FROM hits');
  return rows
    .map(({ address }) => address)
    .toSorted((one, other) => one.localeCompare(other))
    .join(' ');
}
