// What programs use, from /proc: CPU time and resident memory of a process with all its children. See proc_pid_stat(5).
import { readFileSync, readdirSync } from 'node:fs';

const TICKS = 100; // USER_HZ, the same on every Linux architecture that Node runs on.

/** CPU seconds (those of children that have ended included) and resident bytes, of the first process alone and of all together. */
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

/** CPU seconds of the first process alone, without its children: those are counted when they end, which may be late. */
export function ownCpu(pid) {
  const [user, system] = timesOf(pid);
  return user + system;
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
  return {
    cpu: timesOf(pid).reduce((sum, time) => sum + time, 0),
    rss: kilobytes('VmRSS') * 1024,
    peak: kilobytes('VmHWM') * 1024,
  };
}

/** User and system time, own and of children that were waited for (seconds). */
function timesOf(pid) {
  return statOf(pid)
    .slice(11, 15)
    .map((ticks) => Number(ticks) / TICKS);
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
