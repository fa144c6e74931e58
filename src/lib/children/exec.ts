// Runs a program without a shell, with text for its standard input and a deadline after which its whole process group is killed.
import type { ChildProcess, ChildProcessWithoutNullStreams, StdioOptions } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { errnoOf } from '../../errors.ts';
import { shortageOf, spawnOrFail } from './unstarted.ts';

/** How a program is run. */
export interface ExecOptions {
  /** The program's standard input; empty by default. */
  readonly input?: string | Uint8Array;
  /** Milliseconds until the program and all its children are killed. */
  readonly deadline: number;
  /**
   * The number of bytes of standard output that are kept, 64 KiB by default. Of standard error, 64 KiB are kept. All further bytes are read
   * and dropped.
   */
  readonly keep?: number;
  /** True: an output longer than `keep` is of no use. The program is killed with all its children, and nothing of the output is returned. */
  readonly allOrNothing?: boolean;
  /** Kills the program and all its children when it aborts. */
  readonly signal?: AbortSignal;
  /** Environment variables besides PATH, LC_ALL and MAIL_CONFIG; none by default. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a program ended, and its output. */
export interface ExecResult {
  /** Exit code; null when a signal ended the program. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** True when standard output was longer than `keep`. */
  readonly cut: boolean;
}

const DEFAULT_KEEP = 65_536;

/** Folders of system programs. They are searched after the folders of PATH, because a service or cron job may have a short PATH. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin';

/** When a program has ended, another process may hold its outputs open. They are closed after this many milliseconds without a byte. */
const SILENCE = 250;

/** When a program has ended, an output to which another process writes without a pause is closed after this time (milliseconds). */
const LONGEST_NOISE = 2_000;

/** A killed program that has not ended after this time is given up: it hangs in the kernel, or runs as another user (milliseconds). */
const UNKILLABLE = 2_000;

/**
 * Runs `argv` to its end. Resolves even when the program fails, is killed, or cannot be killed; rejects only when it could not be started
 * (`ENOENT`, `EACCES`, ..., see `startFault`). The environment of the program consists of PATH, the C locale (so that its messages are in
 * English) and `environment`.
 */
export function exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const child = startProgram(argv, options.environment);
    const stdout = new Kept(options.keep ?? DEFAULT_KEEP);
    const stderr = new Kept(DEFAULT_KEEP);
    let timedOut = false;
    let abandon: NodeJS.Timeout | undefined;
    const kill = (): void => {
      killProgram(child);
      closeOutputs(child);
      abandon ??= setTimeout(() => {
        child.unref();
        end(null, 'SIGKILL');
      }, UNKILLABLE);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, options.deadline);
    const settle = (): void => {
      clearTimeout(timer);
      clearTimeout(abandon);
      options.signal?.removeEventListener('abort', kill);
    };
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      settle();
      resolve({ code, signal, timedOut, stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut });
    };
    options.signal?.addEventListener('abort', kill, { once: true });
    if (options.signal?.aborted) kill();
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.add(chunk);
      if (!options.allOrNothing || !stdout.cut) return;
      stdout.drop();
      kill();
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    child.once('error', (error) => {
      settle();
      reject(startFault(argv[0] ?? '', error));
    });
    child.once('exit', () => closeWhenQuiet(child));
    child.once('close', end);
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Starts a program as `exec` does and returns it; the caller reads its outputs and waits for its end. The program leads its own process
 * group. The returned child emits `error` when the program cannot be started, whatever the reason is: no file, no permission, no descriptor,
 * no memory, too many processes. Then its streams are closed. Throws when `argv` is empty.
 */
export function startProgram(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams {
  const child = spawnProgram(argv, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    environment,
  }) as ChildProcessWithoutNullStreams;
  running.add(child);
  child.once('exit', () => running.delete(child)).once('error', () => running.delete(child));
  child.stdin.on('error', () => {}); // EPIPE: the program ended before it read all of its input. Its exit code shows whether it failed.
  return child;
}

/**
 * Starts a program that exchanges data with this process, with any `stdio` of spawn: open files, sockets, pipes. The program stays in the
 * session of this process. Linux shares the processors between sessions (autogroups, sched(7)), so on a busy machine an exchange between two
 * sessions would take twice as long. End the program with `kill` of the returned child. The errors are those of `startProgram`.
 */
export function startPartner(argv: readonly string[], stdio: StdioOptions): ChildProcess {
  return spawnProgram(argv, { detached: false, stdio, environment: {} });
}

function spawnProgram(
  argv: readonly string[],
  { environment, ...options }: { detached: boolean; stdio: StdioOptions; environment: Readonly<Record<string, string>> },
): ChildProcess {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error('empty argv');
  const { MAIL_CONFIG } = process.env;
  const env = { PATH: searchPath(), LC_ALL: 'C', ...(MAIL_CONFIG !== undefined && { MAIL_CONFIG }), ...environment };
  return spawnOrFail(file, args, { ...options, env });
}

/** Kills a program that `startProgram` started, with all its children. */
export function killProgram({ pid }: Pick<ChildProcessWithoutNullStreams, 'pid'>): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The program has ended by itself in the meantime.
  }
}

type Outputs = Pick<ChildProcessWithoutNullStreams, 'stdout' | 'stderr'>;

/**
 * Closes the outputs of a program that has ended, when everything was read and nothing comes for a moment, or after two seconds. Otherwise a
 * child of the program could hold them open for ever.
 */
export function closeWhenQuiet(child: Outputs): void {
  const outputs: readonly (Readable & { readonly bytesRead?: number })[] = [child.stdout, child.stderr];
  const ended = performance.now();
  let before = '';
  const look = (): void => {
    const read = outputs.map((output) => output.bytesRead).join();
    const isQuiet = read === before && outputs.every((output) => output.readableLength === 0);
    if (isQuiet || performance.now() - ended > LONGEST_NOISE) return closeOutputs(child);
    before = read;
    setTimeout(look, SILENCE).unref();
  };
  look();
}

function closeOutputs({ stdout, stderr }: Outputs): void {
  stdout.destroy();
  stderr.destroy();
}

/** The programs that `startProgram` started and that have not ended. */
const running = new Set<ChildProcessWithoutNullStreams>();

/** Kills every program that `startProgram` started and that has not ended, with all its children. Call it when this process ends. */
export function killPrograms(): void {
  for (const child of running) killProgram(child);
}

/**
 * Returns a clear error for a program that could not be started. When a folder of the PATH may not be searched, the system reports `EACCES`
 * for a missing program; the returned error has `ENOENT`. If a file of that name exists but may not be run, `EACCES` stays. When the system
 * is short of descriptors, processes or memory, the message names the shortage and the limit to raise.
 */
export function startFault(name: string, error: Error): Error {
  const misleading = errnoOf(error) === 'EACCES' && !name.includes('/') && !candidates(name).some((file) => existsSync(file));
  return misleading ? Object.assign(new Error(`spawn ${name} ENOENT`, { cause: error }), { code: 'ENOENT' }) : shortageOf(error);
}

/** The file that `exec` would run for a bare program name, or undefined when there is none. */
export function findProgram(name: string): string | undefined {
  return candidates(name).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

function candidates(name: string): string[] {
  return searchPath()
    .split(':')
    .map((folder) => join(folder, name));
}

function searchPath(): string {
  const path = process.env['PATH'];
  return path ? `${path}:${SYSTEM_PATH}` : SYSTEM_PATH;
}

/** Keeps the first bytes of a stream. */
class Kept {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  cut = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    const room = this.#limit - this.#size;
    if (chunk.length > room) this.cut = true;
    if (room <= 0) return;
    this.#chunks.push(chunk.subarray(0, room));
    this.#size += Math.min(room, chunk.length);
  }

  /** Forgets the bytes that were kept. */
  drop(): void {
    this.#chunks.length = 0;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
