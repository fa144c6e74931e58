// Limits the use of file descriptors, so that logs and clients never take all of them. The last ones are kept for programs and for the
// control socket.
import { closeSync, readFileSync } from 'node:fs';

/**
 * The highest descriptors are kept for the programs that change the firewall or send messages to systemd. Starting a program takes about
 * eight descriptors for a moment. The system always gives out the lowest free descriptor (POSIX open(2)), so a descriptor near the limit shows
 * that all lower ones are taken.
 */
const PROGRAMS = 32;

/** The descriptors below those of PROGRAMS are kept for the clients of the control socket. */
const CLIENTS = 16;

/** The maximum number of connections of a server, on a system that does not show its limit of descriptors. */
const USUAL = 1024;

let limit: number | undefined;

/** The number of descriptors that this process may have (RLIMIT_NOFILE of setrlimit(2)). Undefined on a system that does not show this limit. */
export function descriptorLimit(): number | undefined {
  limit ??= limitIn(readLimits());
  return Number.isNaN(limit) ? undefined : limit;
}

/** Reads the limit from the text of /proc/PID/limits (proc(5)). Returns NaN for a text without this limit, and Infinity for `unlimited`. */
export function limitIn(text: string): number {
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(text)?.[1];
  return soft === 'unlimited' ? Infinity : Number(soft ?? Number.NaN);
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return ''; // Not Linux, or no /proc.
  }
}

/**
 * The number of connections that a server may keep open: `wanted`, but at most a quarter of the descriptors. Otherwise clients could take the
 * descriptors that logs and programs need.
 */
export function mostConnections(wanted: number): number {
  return Math.min(wanted, Math.max(1, Math.floor((descriptorLimit() ?? USUAL * 4) / 4)));
}

/** True for a descriptor that is kept for programs. A connection that has this descriptor must be closed. */
export function isKeptForPrograms(descriptor: number): boolean {
  return descriptor >= (descriptorLimit() ?? Infinity) - PROGRAMS;
}

/**
 * Returns the descriptor of an open file that could also be opened later, such as a log. If the descriptor is kept for programs or clients,
 * closes the file and throws `EMFILE`. `all` is the number of descriptors that this process may have.
 */
export function unlessLast(descriptor: number, all: number = descriptorLimit() ?? Infinity): number {
  if (descriptor < all - PROGRAMS - CLIENTS) return descriptor;
  closeSync(descriptor);
  throw Object.assign(new Error('EMFILE: too many open files, raise the limit (LimitNOFILE= of the unit)'), { code: 'EMFILE' });
}
