// What programs use, from /proc: CPU time and resident memory of a process with all its children. See proc_pid_stat(5).
import { readFileSync, readdirSync } from 'node:fs';

const TICKS = 100; // USER_HZ, the same on every Linux architecture that Node runs on.

/** CPU seconds (to the nanosecond of those that run, to the hundredth of children that have ended) and resident bytes, of the first process alone and of all together. */
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

/** Of the threads that run, and of children that were waited for. See sched-stats.rst of the kernel: the first number is nanoseconds. */
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

/** The fields after the name of the program, which may hold anything. */
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
