// Ends and removes what the runs of test:system leave: machines by their process ids, network namespaces by the list that a run keeps.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Sweeps the runs in `cache` whose program was killed before it could do so itself; returns how many others are at work. */
export function sweepAbandoned(cache) {
  const runs = readdirSync(cache).filter((name) => /^run-\d+$/.test(name));
  const alive = runs.filter((name) => read(join('/proc', name.slice('run-'.length), 'cmdline')).includes('system.mjs'));
  for (const name of runs) if (!alive.includes(name)) sweep(join(cache, name));
  return alive.length;
}

/** Sweeps one run, given by its folder: its programs, its network namespaces, its files. */
export function sweep(folder) {
  const programs = programsOf(folder);
  for (const pid of programs) end(pid);
  for (const pid of programs) wait(pid);
  for (const name of namespacesOf(folder)) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  for (const name of ['payload', 'supervisor']) cgroupsOf(name).forEach(removeCgroup);
  rmSync(folder, { recursive: true, force: true });
}

/** What was started with a place in the folder as an argument: systemd-nspawn with its disk, debootstrap, cp, npm. */
function programsOf(folder) {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    return read(join('/proc', pid, 'cmdline')).includes(`${folder}/`);
  });
}

/** Ends a program with its children. The first program of a machine takes all others with it, as a power cut does. */
function end(pid) {
  const children = read(join('/proc', pid, 'task', pid, 'children'))
    .split(' ')
    .filter(Boolean);
  for (const each of [...children, pid]) {
    try {
      process.kill(Number(each), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** Until it is gone (five seconds at most): before that its cgroups cannot be removed. */
function wait(pid) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let round = 0; round < 100 && read(join('/proc', pid, 'stat')) !== ''; round += 1) Atomics.wait(pause, 0, 0, 50);
}

function namespacesOf(folder) {
  return read(join(folder, 'namespaces')).split('\n').filter(Boolean);
}

/** What systemd-nspawn makes below the cgroup that it is started in, in the hierarchies of version 1 and 2. */
function cgroupsOf(name) {
  return read('/proc/self/cgroup')
    .split('\n')
    .flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (controllers === '') return [join('/sys/fs/cgroup', path, name), join('/sys/fs/cgroup/unified', path, name)];
      return controllers === 'name=systemd' ? [join('/sys/fs/cgroup/systemd', path, name)] : [];
    })
    .filter((path) => existsSync(path));
}

/** The kernel removes those only in which no program is left. */
function removeCgroup(path) {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeCgroup(join(path, entry.name));
    rmdirSync(path);
  } catch {
    // Somebody else's, or in use.
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
