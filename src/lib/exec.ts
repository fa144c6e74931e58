// Runs one program: argv only, never a shell; text for standard input; a deadline after which its whole process group is killed.
import { spawn } from 'node:child_process';

/** What a program is given. */
export interface ExecOptions {
  /** What the program reads on standard input; none by default. */
  readonly input?: string | Uint8Array;
  /** Milliseconds until the program and all its children are killed. */
  readonly deadline: number;
  /** Bytes of each output stream that are kept (the rest is read and dropped); 64 KiB by default. */
  readonly keep?: number;
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
  /** True when `keep` cut an output. */
  readonly cut: boolean;
}

const DEFAULT_KEEP = 65_536;

/**
 * Runs `argv` to its end. Resolves whatever the program did; rejects only when it could not be started (`ENOENT`, `EACCES`, ...). The
 * environment is cut down to PATH, the C locale (so that outputs can be read) and what `environment` names.
 */
export function exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const [file, ...args] = argv;
  if (file === undefined) return Promise.reject(new Error('empty argv'));
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', ...options.environment },
    });
    const stdout = new Kept(options.keep ?? DEFAULT_KEEP);
    const stderr = new Kept(options.keep ?? DEFAULT_KEEP);
    let timedOut = false;
    const kill = (): void => {
      timedOut = true;
      killGroup(child.pid);
      // A grandchild in a session of its own could hold the pipes open for ever.
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, 100).unref();
    };
    const timer = setTimeout(kill, options.deadline);
    child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    child.stdin.on('error', () => {}); // A program that does not read all of it says so with its exit code.
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const cut = stdout.cut || stderr.cut;
      resolve({ code, signal, timedOut, stdout: stdout.text(), stderr: stderr.text(), cut });
    });
    child.stdin.end(options.input ?? '');
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself in the meantime.
  }
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
