// A Debian with its own systemd, booted by systemd-nspawn(1) on a host of its own on the wire, and driven from outside.
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Hosts, inside } from './e2e-hosts.ts';
import { until } from './e2e-until.ts';

/** How a program on the machine ended, and what it wrote. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the machines of this run have their disks. */
export const RUN = process.env['TRAPLINE_SYSTEM'] ?? '';

/** The exit code of systemd-nspawn when the machine wants to be started again (its option --keep-unit). */
const REBOOT = 133;

const ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8'];

/** One machine and the host on the wire that it runs on. */
export class Machine {
  readonly hosts: Hosts;
  /** Its disk, as seen from outside. */
  readonly disk: string;
  readonly #keep: boolean;
  #nspawn: ChildProcess | undefined;
  #init = 0;
  #console = '';

  /** A machine with a copy of the disk `from`. With `keep` that copy stays at the given place when the machine is removed. */
  constructor(from: string, keep?: string) {
    this.hosts = new Hosts();
    appendFileSync(join(RUN, 'namespaces'), `${this.hosts.server}\n${this.hosts.clients}\n`);
    this.#keep = keep !== undefined;
    this.disk = keep ?? join(mkdtempSync(join(RUN, 'machine-')), 'disk');
    execFileSync('cp', ['--archive', '--reflink=auto', from, this.disk]);
  }

  /** Switches it on; resolves when all units are up. As on a real machine, the kernel then knows of no firewall. */
  async start(): Promise<void> {
    await this.#onHost('nft', 'flush', 'ruleset');
    // A new namespace has room for ten datagrams, too few for the log of a busy moment (unix(7), max_dgram_qlen).
    await this.#onHost('sh', '-c', 'echo 1000 >/proc/sys/net/unix/max_dgram_qlen');
    const npm = dirname(dirname(execFileSync('realpath', [process.env['TRAPLINE_NPM'] ?? ''], { encoding: 'utf8' }).trim()));
    const lent = [`--bind-ro=${process.execPath}:/usr/bin/node`, `--bind-ro=${npm}:/usr/lib/node_modules/npm`];
    const own = [
      `--directory=${this.disk}`,
      `--network-namespace-path=/run/netns/${this.hosts.server}`,
      '--capability=CAP_NET_ADMIN',
    ];
    const alone = ['--register=no', '--keep-unit', '--link-journal=no', '--resolv-conf=off', '--timezone=off', '--console=pipe'];
    // Not of our process group: a Ctrl-C in the terminal is not for the machine.
    const nspawn = spawn('systemd-nspawn', ['--quiet', ...own, ...alone, ...lent, '--boot'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [nspawn.stdout, nspawn.stderr])
      stream.on('data', (text) => (this.#console = (this.#console + String(text)).slice(-5000)));
    this.#nspawn = nspawn;
    await until('the machine has a first program', () => {
      if (nspawn.exitCode !== null) throw new Error(`systemd-nspawn ended with ${nspawn.exitCode}: ${this.#console}`);
      this.#init = childOf(nspawn.pid, 'systemd');
      return this.#init !== 0;
    });
    await until(
      'the machine is up',
      async () => /running|degraded/.test((await this.run('systemctl', 'is-system-running')).stdout),
      60_000,
    );
  }

  /** Runs a program on the machine as root. Resolves whatever it did. */
  run(...argv: string[]): Promise<Said> {
    const enter = [
      `--target=${this.#init}`,
      '--mount',
      '--uts',
      '--ipc',
      '--net',
      '--pid',
      '--',
      'env',
      '-i',
      ...ENVIRONMENT,
      ...argv,
    ];
    // In a session of its own: what it does to its process group is not done to us.
    return saidBy('setsid', ['--wait', 'nsenter', ...enter]);
  }

  /** Runs a program on the machine; resolves to its standard output, rejects when it fails. */
  async must(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...argv);
    if (code !== 0) throw new Error(`"${argv.join(' ')}" ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Shuts it down in order. */
  async stop(): Promise<void> {
    if (this.#nspawn?.exitCode === null) this.#nspawn.kill('SIGTERM');
    await this.#ended();
  }

  /** Pulls the plug: nothing on it gets to do anything any more. What was written stays on the disk. */
  async cutPower(): Promise<void> {
    if (this.#nspawn?.exitCode === null && this.#nspawn.signalCode === null) {
      for (const pid of [this.#init, this.#nspawn.pid ?? 0]) if (pid > 0) kill(pid);
    }
    await this.#ended();
  }

  /** Restarts it in order; resolves when it is up again. */
  async reboot(): Promise<void> {
    await this.must('systemctl', '--no-block', 'reboot');
    const code = await this.#ended();
    if (code !== REBOOT) throw new Error(`systemd-nspawn ended with ${code} instead of ${REBOOT}: ${this.#console}`);
    await this.start();
  }

  /** Ends it and removes its disk and its host. */
  async remove(): Promise<void> {
    await this.cutPower();
    this.hosts.remove();
    if (!this.#keep) rmSync(dirname(this.disk), { recursive: true, force: true });
  }

  async #ended(): Promise<number | null> {
    const nspawn = this.#nspawn;
    if (!nspawn) return null;
    if (nspawn.exitCode === null && nspawn.signalCode === null) await once(nspawn, 'exit');
    await until('the first program has gone', () => !alive(this.#init));
    this.#nspawn = undefined;
    return nspawn.exitCode;
  }

  async #onHost(...argv: string[]): Promise<void> {
    const [file, ...args] = inside(this.hosts.server, ...argv);
    const { code, stderr } = await saidBy(file, args);
    if (code !== 0) throw new Error(`"${argv.join(' ')}" ended with ${code}: ${stderr}`);
  }
}

function saidBy(file: string, args: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(file, args, { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** The process id of the child with that name; 0 when there is none. */
function childOf(pid: number | undefined, name: string): number {
  const children = read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((word) => word !== '');
  return Number(children.find((child) => basename(read(`/proc/${child}/comm`).trim()) === name) ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Gone in the meantime.
  }
}

function alive(pid: number): boolean {
  return pid > 0 && read(`/proc/${pid}/stat`) !== '';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
