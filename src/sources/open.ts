// Opens log files, and makes the errors for files that cannot be read.
import { closeSync, constants, fstatSync, openSync, readSync, statfsSync, statSync, type Stats } from 'node:fs';
import { SourceError, errnoOf, messageOf } from '../errors.ts';
import { unlessLast } from '../lib/files/descriptors.ts';
import { printable } from '../lib/text/printable.ts';

/** Types in statfs(2), from linux/magic.h: proc, sysfs, debugfs, tracefs, cgroup and cgroup2, securityfs, configfs, bpf, mqueue. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9fa0, 0x62656572, 0x64626720, 0x74726163, 0x27e0eb, 0x63677270, 0x73636673, 0x62656570, 0xcafe4a11, 0x19800202,
]);

/**
 * Opens a regular file for reading and returns its descriptor; undefined when no such file exists. Never blocks. Throws a system error for a
 * file that cannot be opened. The code is `EISDIR` for a directory, and `EINVAL` for a device, a socket or a named pipe. It is `ENOTSUP` for
 * a file whose contents the kernel makes up, such as /proc/kmsg. It is `EMFILE` when only the last descriptors are free, which are kept for
 * the control socket and for programs.
 */
export function openRegularFile(path: string): number | undefined {
  let fd: number;
  try {
    // Without O_NONBLOCK, open(2) of a named pipe would wait for a writer.
    // oxlint-disable-next-line no-bitwise -- flags of open(2)
    fd = unlessLast(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ENOTDIR') return undefined;
    throw thrown;
  }
  const fault = kindFault(path, fstatSync(fd));
  if (!fault) return fd;
  closeSync(fd);
  throw fault;
}

/** Returns the whole lines in the last `most` bytes of a log; empty when the file is missing. Throws what `openRegularFile` throws. */
export function endOfLog(path: string, most: number): Buffer {
  const fd = openRegularFile(path);
  if (fd === undefined) return Buffer.alloc(0);
  try {
    const start = Math.max(0, fstatSync(fd).size - most);
    const bytes = Buffer.alloc(most);
    const end = bytes.subarray(0, readSync(fd, bytes, 0, most, start));
    return start === 0 ? end : end.subarray(end.indexOf(0x0a) + 1);
  } finally {
    closeSync(fd);
  }
}

/**
 * Returns the SourceError for a path of an object that is no log, such as a directory or a device. Undefined for a log, and for a path that
 * cannot be examined.
 */
export function faultOfLog(path: string): SourceError | undefined {
  try {
    const fault = kindFault(path, statSync(path));
    return fault && unreadable(path, fault);
  } catch {
    return undefined; // A missing log may still appear. A missing permission is no fault of the path, because the daemon may run as another user.
  }
}

function kindFault(path: string, stats: Stats): Error | undefined {
  // A file with blocks is on a disk, so it is no file of the kernel.
  if (stats.isFile() && (stats.blocks > 0 || !isOfKernel(path))) return undefined;
  const code = stats.isFile() ? 'ENOTSUP' : stats.isDirectory() ? 'EISDIR' : 'EINVAL';
  return Object.assign(new Error('not a regular file'), { code });
}

/**
 * True for a path on a file system whose files the kernel makes up. Such a file is not read, because a read of /proc/kmsg or trace_pipe would
 * block until the kernel has a message.
 */
function isOfKernel(path: string): boolean {
  try {
    return KERNEL_FILE_SYSTEMS.has(statfsSync(path).type);
  } catch {
    return false; // The path is missing, or may not be searched.
  }
}

/** Makes the SourceError for a file that could not be opened or read. It names the file, the reason, and the operator's next step. `Kind`: its class. */
export function unreadable(path: string, thrown: unknown, Kind: typeof SourceError = SourceError): SourceError {
  const shown = printable(path);
  const cause = { cause: thrown };
  switch (errnoOf(thrown)) {
    case 'EISDIR':
      return new Kind(`${shown}: is a directory, name the files in it (${shown}/*)`, cause);
    case 'EINVAL':
      return new Kind(`${shown}: is not a regular file`, cause);
    case 'ENOTSUP':
      return new Kind(`${shown}: is a file of the kernel and no log, name the file that syslog or Postfix writes`, cause);
    case 'EACCES':
    case 'EPERM':
      return new Kind(`${shown}: permission denied, read it as root or as a member of its group (adm on Debian)`, cause);
    case undefined:
    default:
      return new Kind(`${shown}: cannot be read: ${messageOf(thrown)}`, cause);
  }
}
