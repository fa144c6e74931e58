// A Debian with its own systemd. systemd-nspawn(1) boots it in a network namespace, and the tests control it from outside.
import { execFile, execFileSync, spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Hosts, inside } from '../e2e/hosts.ts';
import { until } from '../until.ts';

/** The exit code and output of a program on the machine. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder with the disks of the machines of this run. */
export const RUN = process.env['TRAPLINE_SYSTEM'] ?? '';

/** The exit code of `systemd-nspawn --keep-unit` when the machine requests a reboot. */
const REBOOT = 133;

const ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8'];

/** One machine, in a network namespace. */
export class Machine {
  readonly hosts: Hosts;
  /** The path of its disk, outside of the machine. */
  readonly disk: string;
  readonly #keep: boolean;
  #nspawn: ChildProcess | undefined;
  #init = 0;
  #console = '';

  /** Makes a machine with a copy of the disk `from`. `keep`: the path of the copy, if the copy has to stay when the machine is removed. */
  constructor(from: string, keep?: string) {
    this.hosts = new Hosts();
    appendFileSync(join(RUN, 'namespaces'), `${this.hosts.server}\n${this.hosts.clients}\n`);
    this.#keep = keep !== undefined;
    this.disk = keep ?? join(mkdtempSync(join(RUN, 'machine-')), 'disk');
    execFileSync('cp', ['--archive', '--reflink=auto', from, this.disk]);
  }

  /** Boots the machine without firewall rules, as a real machine boots. Resolves when all units are up. */
  async start(): Promise<void> {
    await this.#onHost('nft', 'flush', 'ruleset');
    // In a new namespace a socket queues only ten datagrams (unix(7), max_dgram_qlen), and lines would be lost when many are logged at once.
    await this.#onHost('sh', '-c', 'echo 1000 >/proc/sys/net/unix/max_dgram_qlen');
    const npm = dirname(dirname(execFileSync('realpath', [process.env['TRAPLINE_NPM'] ?? ''], { encoding: 'utf8' }).trim()));
    const lent = [`--bind-ro=${process.execPath}:/usr/bin/node`, `--bind-ro=${npm}:/usr/lib/node_modules/npm`];
    const own = [
      `--directory=${this.disk}`,
      `--network-namespace-path=/run/netns/${this.hosts.server}`,
      '--capability=CAP_NET_ADMIN',
    ];
    const alone = ['--register=no', '--keep-unit', '--link-journal=no', '--resolv-conf=off', '--timezone=off', '--console=pipe'];
    // The machine has a process group of its own, so that a Ctrl-C in the terminal does not reach it.
    const nspawn = spawn('systemd-nspawn', ['--quiet', ...own, ...alone, ...lent, '--boot'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [nspawn.stdout, nspawn.stderr])
      stream.on('data', (text) => (this.#console = (this.#console + String(text)).slice(-5000)));
    this.#nspawn = nspawn;
    await until('the machine has a first process', () => {
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

  /** Runs a program on the machine as root. Resolves also when the program fails. */
  run(...argv: string[]): Promise<Said> {
    const [file, ...args] = this.#entering(argv);
    return saidBy(file, args);
  }

  /** Starts a program on the machine as root, with pipes to its standard input and output. */
  spawn(...argv: string[]): ChildProcessWithoutNullStreams {
    const [file, ...args] = this.#entering(argv);
    return spawn(file, args);
  }

  /** Runs a program on the machine. Resolves to its standard output, and rejects when it fails. */
  async must(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...argv);
    if (code !== 0) throw new Error(`"${argv.join(' ')}" ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Shuts the machine down. */
  async stop(): Promise<void> {
    if (this.#nspawn?.exitCode === null) this.#nspawn.kill('SIGTERM');
    await this.#ended();
  }

  /** Kills every program on the machine at once, as a power cut does. Data that were written stay on the disk. */
  async cutPower(): Promise<void> {
    if (this.#nspawn?.exitCode === null && this.#nspawn.signalCode === null) {
      for (const pid of [this.#init, this.#nspawn.pid ?? 0]) if (pid > 0) kill(pid);
    }
    await this.#ended();
  }

  /** Reboots the machine. Resolves when it is up again. */
  async reboot(): Promise<void> {
    await this.must('systemctl', '--no-block', 'reboot');
    const code = await this.#ended();
    if (code !== REBOOT) throw new Error(`systemd-nspawn ended with ${code} instead of ${REBOOT}: ${this.#console}`);
    await this.start();
  }

  /** Ends the machine, and removes its disk and its namespaces. */
  async remove(): Promise<void> {
    await this.cutPower();
    this.hosts.remove();
    if (!this.#keep) rmSync(dirname(this.disk), { recursive: true, force: true });
  }

  /** The command line that runs a program on the machine. */
  #entering(argv: readonly string[]): [string, ...string[]] {
    const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid'];
    // The program has a session of its own, so that signals to its process group do not reach the tests.
    const enter = ['setsid', '--wait', 'nsenter', `--target=${this.#init}`, ...namespaces, '--'];
    return [...enter, 'env', '-i', ...ENVIRONMENT, ...argv] as [string, ...string[]];
  }

  async #ended(): Promise<number | null> {
    const nspawn = this.#nspawn;
    if (!nspawn) return null;
    if (nspawn.exitCode === null && nspawn.signalCode === null) await once(nspawn, 'exit');
    await until('the first process has ended', () => !alive(this.#init));
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

/** The process id of the child process with this name. 0: there is none. */
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
    return ''; // The process has ended in the meantime.
  }
}

function alive(pid: number): boolean {
  return pid > 0 && read(`/proc/${pid}/stat`) !== '';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended by itself.
  }
}
