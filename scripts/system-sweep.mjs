// Cleans up after runs of test:system: ends machines by the ids of their processes, and removes the network namespaces that a run has listed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Cleans up after the runs in `cache` whose program was killed. Returns the number of runs that are still at work. */
export function sweepAbandoned(cache) {
  const runs = readdirSync(cache).filter((name) => /^run-\d+$/.test(name));
  const alive = runs.filter((name) => read(join('/proc', name.slice('run-'.length), 'cmdline')).includes('system.mjs'));
  for (const name of runs) if (!alive.includes(name)) sweep(join(cache, name));
  return alive.length;
}

/** Cleans up after the run with this folder: ends its programs, removes its network namespaces, cgroups and files. */
export function sweep(folder) {
  const programs = programsOf(folder);
  for (const pid of programs) end(pid);
  for (const pid of programs) wait(pid);
  for (const name of namespacesOf(folder)) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  for (const name of ['payload', 'supervisor']) cgroupsOf(name).forEach(removeCgroup);
  rmSync(folder, { recursive: true, force: true });
}

/** Returns the ids of the processes that have a path in the folder as an argument: systemd-nspawn, debootstrap, cp, npm. */
function programsOf(folder) {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    return read(join('/proc', pid, 'cmdline')).includes(`${folder}/`);
  });
}

/** Kills a process and its children. When the first process of a machine is killed, the kernel kills all other processes of the machine. */
function end(pid) {
  const children = read(join('/proc', pid, 'task', pid, 'children'))
    .split(' ')
    .filter(Boolean);
  for (const each of [...children, pid]) {
    try {
      process.kill(Number(each), 'SIGKILL');
    } catch {
      // The process has ended already.
    }
  }
}

/** Waits until the process has ended, for five seconds at most. The cgroups of the process cannot be removed before its end. */
function wait(pid) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let round = 0; round < 100 && read(join('/proc', pid, 'stat')) !== ''; round += 1) Atomics.wait(pause, 0, 0, 50);
}

function namespacesOf(folder) {
  return read(join(folder, 'namespaces')).split('\n').filter(Boolean);
}

/** Returns the cgroups that systemd-nspawn makes below the cgroup of its caller, in the hierarchies of version 1 and 2. */
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

/** Removes a cgroup and the cgroups below it. The kernel refuses to remove a cgroup that still has a process. */
function removeCgroup(path) {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeCgroup(join(path, entry.name));
    rmdirSync(path);
  } catch {
    // The cgroup belongs to another user, or is in use.
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
