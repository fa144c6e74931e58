// Writes hits into any file, counts them exactly, and lets the daemon follow other paths, for the attacks on files.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { must, onlyBanned, slowness } from './attack.mjs';

const DEADLINE = 10_000;

/** A pause that is longer than the poll interval. A line that a poll reads again is counted before the end of this pause. */
const POLL = 1_300;

let written = 0;

/** The address of a client, 1 to 248. */
export function client(number) {
  return `203.0.113.${number}`;
}

/** The line of a hit; no two lines are equal. */
export function hit(number) {
  written += 1;
  return trapLine(client(number), { number: written });
}

/** Appends one hit of each client to a file. */
export function put(path, ...numbers) {
  appendFileSync(path, numbers.map(hit).join(''));
}

/**
 * Waits for the hits of these clients, each as often as it is listed, and checks after the next poll that the ledger has exactly them, and
 * that exactly these clients are banned.
 */
export async function counted(world, ...numbers) {
  const wanted = textOf(numbers.map(client));
  const found = () => textOf(world.rows('SELECT address FROM hits').map(({ address }) => address));
  const total = () => world.rows('SELECT COUNT(*) AS hits FROM hits')[0].hits;
  const end = performance.now() + DEADLINE * slowness();
  while (found() !== wanted && total() <= numbers.length && performance.now() < end) await sleep(50);
  must(found() === wanted, `the ledger has the hits "${found()}" instead of "${wanted}"`);
  await sleep(POLL);
  must(found() === wanted, `after a poll the ledger has the hits "${found()}" instead of "${wanted}"`);
  await onlyBanned(world, [...new Set(numbers.map(client))]);
}

/** The last numbers of the clients, each with the number of its hits. */
function textOf(addresses) {
  const counts = new Map();
  for (const address of addresses) counts.set(address, (counts.get(address) ?? 0) + 1);
  const parts = [...counts].map(([address, count]) => `.${address.split('.')[3]}${count > 1 ? ` x ${count}` : ''}`);
  return parts.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true })).join(', ');
}

/** Makes a folder `log` in the world, and lets the daemon follow this path or pattern in it from the next start or reload on. */
export function follow(world, pattern, config = '') {
  const folder = join(world.folder, 'log');
  mkdirSync(folder, { recursive: true });
  world.configure(`sources: [{ type: file, path: '${folder}/${pattern}', from: start }]\n${config}`);
  return folder;
}

/** Options of `attack` for a daemon that the attack starts itself, and whose further client is written to `path(world)`. */
export function inFile(name) {
  return {
    started: false,
    hit: (world, address) => appendFileSync(join(world.folder, 'log', name), trapLine(address, { number: 29_999 })),
  };
}

/** The number of descriptors that the daemon has open. */
export function descriptors(world) {
  return readdirSync(`/proc/${world.child.pid}/fd`).length;
}

/** The user of the daemon in attacks on permissions. */
export const NOBODY = 65_534;

/** Runs the daemon from now on as that user, with the capability for the firewall only. Returns a function that removes the lent program. */
export function asNobody(world) {
  const lent = mkdtempSync(join(tmpdir(), 'trapline-lent-'));
  const checkout = dirname(dirname(world.program[1]));
  const packages = ['libsql', '@libsql', '@neon-rs', 'detect-libc'].map((name) => join('node_modules', name));
  for (const name of ['dist', 'filters', 'actions', 'package.json', ...packages])
    cpSync(join(checkout, name), join(lent, name), { recursive: true });
  cpSync(process.execPath, join(lent, 'node'));
  execFileSync('chmod', ['-R', 'a+rX', lent]);
  world.program = [join(lent, 'node'), join(lent, 'dist', 'main.cjs')];
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  world.before = ['setpriv', ...user, ...['inh-caps', 'ambient-caps', 'bounding-set'].map((set) => `--${set}=-all,+net_admin`)];
  return () => rmSync(lent, { recursive: true, force: true });
}

/** Runs `trapline backfill` with these arguments against the daemon of the world. */
export function backfill(world, ...args) {
  const [program, ...rest] = world.inside(
    ...world.program,
    'backfill',
    '--config',
    world.config,
    '--state',
    world.state,
    '--socket',
    world.socket,
    ...args,
  );
  return spawnSync(program, rest, { encoding: 'utf8', timeout: 60_000, input: '' });
}
