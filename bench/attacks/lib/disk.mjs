// Gives a folder of the world a disk of its own, in a mount namespace, for the attacks on the disk.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../test/support/faults/daemon.mjs';

/** A mount namespace in which a folder is a separate disk (tmpfs). The daemon of the world runs in it. */
export class Disk {
  #holder;
  #folder;

  constructor(holder, folder) {
    this.#holder = holder;
    this.#folder = folder;
  }

  /** The argv that runs a program in the mount namespace. */
  get inside() {
    return ['nsenter', '--mount', '--target', String(this.#holder.pid)];
  }

  /** Runs a program in the mount namespace, and returns its output. */
  run(...argv) {
    const [program, ...args] = [...this.inside, ...argv];
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 30 }).trim();
  }

  /** Runs SQL in a file that only the mount namespace shows. */
  sql(file, text) {
    return this.run('sqlite3', '-cmd', '.timeout 10000', file, text);
  }

  /** The path by which this program reaches a path of the mount namespace. */
  at(path) {
    return join(`/proc/${this.#holder.pid}/root`, path);
  }

  /** Fills the disk; `leave` bytes stay free. */
  fill(leave = 0) {
    const file = openSync(this.at(join(this.#folder, 'filler')), 'a');
    try {
      for (let size = 65_536; size >= 1; size /= 2) fillWith(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
    if (leave > 0) this.run('truncate', '--size', `-${leave}`, join(this.#folder, 'filler'));
  }

  free() {
    rmSync(this.at(join(this.#folder, 'filler')), { force: true });
  }

  async remove() {
    const ended = once(this.#holder, 'exit');
    this.#holder.kill('SIGKILL');
    await ended;
  }
}

function fillWith(file, bytes) {
  try {
    for (;;) if (writeSync(file, bytes) < bytes.length) return;
  } catch {
    // There is no room for a piece of this size.
  }
}

/**
 * Puts a disk (tmpfs with these options) over a folder, and lets the daemon of the world run in its mount namespace. Without options, the
 * folder stays as it is and only the namespace is new. Calls `run` with the disk.
 */
export async function withDisk(world, options, run, folder = join(world.folder, 'state')) {
  const mount = options === undefined ? 'true' : `mount -t tmpfs -o ${options} tmpfs "$0"`;
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', `${mount} && exec sleep 3600`, folder], {
    stdio: 'ignore',
  });
  const disk = new Disk(holder, folder);
  try {
    await eventually('the disk is mounted', () => readFileSync(`/proc/${holder.pid}/cmdline`, 'utf8').startsWith('sleep'));
    world.before = disk.inside;
    await run(disk);
  } finally {
    await disk.remove();
  }
}

/** Waits until the daemon reports that this number of hits is not yet written. */
export async function waiting(world, count) {
  await eventually(`${count} hits are not yet written`, async () => (await world.status()).unwritten === count);
}

/** Waits until these hosts are in the firewall. */
export async function inFirewall(world, hosts) {
  await eventually(`the firewall holds ${hosts}`, () => world.holds(hosts));
}

/** The argv that takes from root the right to ignore modes, so that the modes of files and folders count for the daemon. */
export const WITHOUT_OVERRIDE = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];

/** Starts the daemon, which must end with the code for a missing permission, in one line that has these words. */
export async function deniedStart(world, words) {
  world.said = '';
  const child = world.spawn();
  await eventually('the daemon ends', () => child.exitCode !== null || child.signalCode !== null);
  if (child.exitCode !== 77) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}: ${world.said}`);
  if (world.said.trim().includes('\n') || !words.test(world.said)) throw new Error(`its output: ${world.said}`);
}
