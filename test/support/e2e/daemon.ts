// The compiled program in a network namespace: the daemon, and commands that talk to it.
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inside } from './hosts.ts';
import { until } from '../until.ts';

const CHECKOUT = join(import.meta.dirname, '..', '..', '..');
/** The compiled program. */
export const MAIN = join(CHECKOUT, 'dist', 'main.cjs');

/** Compiles the program if its sources are newer. */
export function compile(): void {
  execFileSync(process.execPath, [join(CHECKOUT, 'scripts', 'setup.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** One running daemon with its own configuration, ledger and socket. */
export class Daemon {
  readonly #folder = mkdtempSync(join(tmpdir(), 'trapline-daemon-'));
  readonly #socket = join(this.#folder, 'control.sock');
  readonly #child: ChildProcess;
  #said = '';

  /** Starts the daemon on `host` with the given configuration (YAML). */
  constructor(host: string, config: string) {
    const file = join(this.#folder, 'trapline.yaml');
    writeFileSync(file, config);
    const places = ['--config', file, '--state', join(this.#folder, 'trapline.db'), '--socket', this.#socket];
    const [program, ...args] = inside(host, process.execPath, MAIN, 'run', ...places);
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (text) => (this.#said += String(text)));
  }

  /** The text so far on standard output and standard error. */
  get said(): string {
    return this.#said;
  }

  /** Resolves when the daemon answers on its socket. Rejects with the output of the daemon when it ends before. */
  async ready(): Promise<void> {
    await until('the daemon answers', async () => {
      if (this.#child.exitCode !== null) throw new Error(`the daemon ended with ${this.#child.exitCode}: ${this.#said}`);
      return (await this.command('status', '--json').catch(() => '')) !== '';
    });
  }

  /** Runs `trapline ARGV --socket ...` and resolves to its standard output. */
  async command(...argv: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...argv, '--socket', this.#socket]);
    return stdout;
  }

  /** The networks that are banned now. */
  async bans(): Promise<readonly string[]> {
    const rows = JSON.parse(await this.command('bans', '--json')) as readonly { readonly network: string }[];
    return rows.map((row) => row.network);
  }

  /** Ends the daemon with SIGTERM, and removes its folder. Resolves to its exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
    return this.#child.exitCode;
  }
}
