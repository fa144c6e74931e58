// Reads the CPU time and resident memory of a process and all its children from /proc, see proc_pid_stat(5).
import { readFileSync, readdirSync } from 'node:fs';

const TICKS = 100; // USER_HZ, which is 100 on every Linux architecture that Node runs on.

/**
 * Returns the CPU seconds of the process and its children (`cpu`), the resident bytes of the process now and at the peak (`rss`, `peak`), and the
 * resident bytes of the process and its children (`rssOfAll`). CPU time is exact to a nanosecond for running processes, and to a hundredth of a
 * second for children that have ended.
 */
export function usageOf(pid) {
  const own = readProcess(pid);
  const all = treeOf(pid).map(readProcess);
  return {
    cpu: all.reduce((sum, one) => sum + one.cpu, 0),
    rss: own.rss,
    peak: own.peak,
    rssOfAll: all.reduce((sum, one) => sum + one.rss, 0),
  };
}

function treeOf(pid) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(statOf(name)[1]) }));
  const tree = [pid];
  for (const parent of tree) tree.push(...parents.filter((one) => one.parent === parent).map((one) => one.pid));
  return tree;
}

function readProcess(pid) {
  const status = read(`/proc/${pid}/status`);
  const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return { cpu: cpuOf(pid), rss: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 };
}

/** Adds the CPU time of running threads and of ended children. The first number in schedstat is nanoseconds (the kernel's sched-stats.rst). */
function cpuOf(pid) {
  const threads = list(`/proc/${pid}/task`).map((thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]));
  const [user = 0, system = 0] = statOf(pid).slice(13, 15);
  return threads.reduce((sum, time) => sum + time, 0) / 1e9 + (Number(user) + Number(system)) / TICKS;
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Returns the fields of stat behind the name of the program. The name may contain blanks and brackets. */
function statOf(pid) {
  return read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ');
}

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
