// Runs work while this process has no free file descriptor. This works on Linux only, because prlimit(1) sets the limit of a running process.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

/** True if the system can set the limit of a running process. */
export const limitsSettable = process.platform === 'linux';

/** The lowered limit is the highest open descriptor plus this number. The number is small, so that few descriptors have to be taken. */
const ROOM = 64;

/** Runs `work` while only `left` descriptors are free. */
export async function withoutDescriptors<T>(work: () => T | Promise<T>, left = 0): Promise<T> {
  const before = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '1024';
  const highest = Math.max(...readdirSync('/proc/self/fd').map(Number));
  setLimit(String(highest + ROOM));
  const taken = takeAll();
  for (const descriptor of taken.splice(0, left)) closeSync(descriptor);
  try {
    return await work();
  } finally {
    for (const descriptor of taken) closeSync(descriptor);
    setLimit(before);
  }
}

function setLimit(soft: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${soft}:`]);
}

function takeAll(): number[] {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'));
    } catch {
      return taken;
    }
  }
}
