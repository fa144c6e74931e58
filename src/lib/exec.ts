// Runs one program: argv only, never a shell; text for standard input; a deadline after which its whole process group is killed.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** What a program is given. */
export interface ExecOptions {
  /** What the program reads on standard input; none by default. */
  readonly input?: string | Uint8Array;
  /** Milliseconds until the program and all its children are killed. */
  readonly deadline: number;
  /** Bytes of standard output that are kept, 64 KiB by default; of standard error always 64 KiB. The rest is read and dropped. */
  readonly keep?: number;
  /** Kills the program and all its children when it aborts. */
  readonly signal?: AbortSignal;
  /** Variables beside PATH and LC_ALL; none by default. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a program ended, and what it wrote. */
export interface ExecResult {
  /** Exit code, or null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** True when standard output was longer than `keep`. */
  readonly cut: boolean;
}

const DEFAULT_KEEP = 65_536;

/** Where system programs live, for callers whose PATH lacks them. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin';

/** Milliseconds without output after which a stream that outlived its program is given up. */
const SILENCE = 250;

/**
 * Runs `argv` to its end. Resolves whatever the program did; rejects only when it could not be started (`ENOENT`, `EACCES`, ...). The
 * environment is cut down to PATH, the C locale (so that outputs can be read) and what `environment` names.
 */
export function exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const child = startProgram(argv, options.environment);
    const stdout = new Kept(options.keep ?? DEFAULT_KEEP);
    const stderr = new Kept(DEFAULT_KEEP);
    let timedOut = false;
    let quietSince = Date.now();
    // A grandchild that holds the pipes open does not keep the answer back.
    const release = (): void => {
      if (Date.now() - quietSince < SILENCE) return void setTimeout(release, SILENCE).unref();
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const kill = (): void => {
      killProgram(child);
      quietSince = 0;
      release();
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, options.deadline);
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', kill);
    };
    options.signal?.addEventListener('abort', kill, { once: true });
    if (options.signal?.aborted) kill();
    const keep = (kept: Kept) => (chunk: Buffer) => {
      quietSince = Date.now();
      kept.add(chunk);
    };
    child.stdout.on('data', keep(stdout));
    child.stderr.on('data', keep(stderr));
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', () => {
      quietSince = Date.now();
      release();
    });
    child.once('close', (code, signal) => {
      settle();
      resolve({ code, signal, timedOut, stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut });
    });
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Starts a program as `exec` does, and leaves the rest to the caller. It leads a process group of its own. Emits `error` when it
 * cannot be started; throws when `argv` is empty.
 */
export function startProgram(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error('empty argv');
  const child = spawn(file, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: searchPath(), LC_ALL: 'C', ...environment },
  });
  child.stdin.on('error', () => {}); // A program that does not read all of it says so with its exit code.
  return child;
}

/** Kills a program that `startProgram` started, with all its children. */
export function killProgram({ pid }: Pick<ChildProcessWithoutNullStreams, 'pid'>): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself in the meantime.
  }
}

/** The file that `exec` would run for a bare program name, or undefined when there is none. */
export function findProgram(name: string): string | undefined {
  return searchPath()
    .split(':')
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function searchPath(): string {
  const path = process.env['PATH'];
  return path ? `${path}:${SYSTEM_PATH}` : SYSTEM_PATH;
}

/** The first bytes of a stream. */
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

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
