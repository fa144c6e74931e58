// Handles two cases in which `spawn` of Node does not return an ordinary child: without a free descriptor the child has no streams, and
// without memory `spawn` throws. In both cases `spawnOrFail` returns a child with closed streams, which emits `error`.
import { ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { errnoOf } from '../../errors.ts';

/**
 * The reasons why the system cannot start a program at the moment, each with the limit to raise. The key is the code of the error
 * (setrlimit(2), fork(2), pipe(2)).
 */
const SHORTAGES: Readonly<Record<string, string>> = {
  EMFILE: 'this program has no free file descriptor, raise its limit (LimitNOFILE= of the unit)',
  ENFILE: 'the system has no free file descriptor, raise fs.file-max',
  EAGAIN: 'the limit of processes is reached, raise it (TasksMax= of the unit, ulimit -u)',
  ENOMEM: 'there is no free memory, raise the limit (MemoryMax= of the unit)',
};

/**
 * Starts a program as `spawn` of Node does. Never throws for an error of the system: the returned child emits this error in the next tick,
 * and its streams are closed.
 */
export function spawnOrFail(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  let child: ChildProcess;
  try {
    child = spawn(file, args, options);
  } catch (thrown) {
    const failed = new ChildProcess();
    process.nextTick(() => failed.emit('error', thrown));
    child = failed;
  }
  return hasStreams(child) ? child : withClosedStreams(child, options);
}

/** False for a child whose streams Node did not set. The types of Node do not have this case. */
function hasStreams(child: ChildProcess): boolean {
  return (child.stdio as unknown) !== undefined;
}

function withClosedStreams(child: ChildProcess, { stdio }: SpawnOptions): ChildProcess {
  const piped = (index: number): boolean => !Array.isArray(stdio) || stdio[index] === 'pipe';
  const output = (index: number): Readable | null => (piped(index) ? Readable.from([]) : null);
  // A write to this closed input makes the stream emit an error, as with a program that does not read its input.
  return Object.assign(child, { stdin: piped(0) ? new Writable().destroy() : null, stdout: output(1), stderr: output(2) });
}

/**
 * If an error comes from a shortage, returns an error with a clear message, the same code, and the original error as its cause. Returns any
 * other error unchanged.
 */
export function shortageOf(error: Error): Error {
  const code = errnoOf(error) ?? '';
  return Object.hasOwn(SHORTAGES, code) ? Object.assign(new Error(SHORTAGES[code], { cause: error }), { code }) : error;
}
