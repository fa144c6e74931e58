// Runs the real daemon in its own network namespace. Tests can kill or stop it, and start it again with the same folder. This file is plain
// JavaScript because programs in bench/ import it too. TRAPLINE_MAIN may name a program to be run instead of dist/main.cjs.
import { removeNamespace } from '../namespaces.mjs';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const CHECKOUT = join(import.meta.dirname, '..', '..', '..');
const Database = createRequire(import.meta.url)('libsql');

/** The command line that starts the program. */
export const PROGRAM = [process.execPath, process.env.TRAPLINE_MAIN ?? join(CHECKOUT, 'dist', 'main.cjs')];

let made = 0;

/** Compiles the program if its sources are newer. Does nothing if TRAPLINE_MAIN is set. */
export function compile() {
  if (process.env.TRAPLINE_MAIN === undefined) {
    execFileSync(process.execPath, [join(CHECKOUT, 'scripts', 'setup.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

/** A line of smtpd for a client that mails a trap. Lines with different numbers are different messages. */
export function trapLine(address, { at = Date.now(), number = 0, trap = 'trap@example.com' } = {}) {
  const date = new Date(at).toISOString().replace('Z', '000+00:00');
  const words = `NOQUEUE: discard: RCPT from unknown[${address}]: <${trap}>: Recipient address triggers spamtrap;`;
  return `${date} mx postfix/smtpd[${1000 + number}]: ${words} from=<s${number}@example.org> to=<${trap}> proto=ESMTP helo=<c.example.org>\n`;
}

/** A line of Postfix that is no hit. */
export function otherLine(number, at = Date.now()) {
  const date = new Date(at).toISOString().replace('Z', '000+00:00');
  return `${date} mx postfix/smtpd[${1000 + (number % 30_000)}]: connect from mail${number}.example.net[198.51.100.${number % 256}]\n`;
}

/** Polls every 20 ms until `holds` returns a true value, and resolves to this value. Rejects after `deadline` milliseconds. */
export async function eventually(what, holds, deadline = 20_000) {
  const end = Date.now() + deadline;
  for (;;) {
    const held = await holds();
    if (held) return held;
    if (Date.now() > end) throw new Error(`not met within ${deadline / 1000} s: ${what}`);
    await sleep(20);
  }
}

/** A daemon and its folder. The folder stays when the daemon ends. */
export class World {
  folder = mkdtempSync(join(tmpdir(), 'trapline-world-'));
  log = join(this.folder, 'mail.log');
  state = join(this.folder, 'state', 'trapline.db');
  socket = join(this.folder, 'control.sock');
  config = join(this.folder, 'trapline.yaml');
  said = '';
  child;
  /** Words before the command line of the daemon, such as `setpriv ...`. */
  before;
  /** Where the outputs of the daemon go: to a pipe, whose text is appended to `said`, or to an open file. */
  outputs = 'pipe';
  /** The command line of Node and the program. */
  program = PROGRAM;
  #namespace;

  /** With `namespace: false`, the daemon runs in the network namespace of the tests. */
  constructor({ config = '', before = [], namespace = true } = {}) {
    mkdirSync(join(this.folder, 'state'));
    writeFileSync(this.log, '');
    this.configure(config);
    this.before = before;
    if (!namespace) return;
    made += 1;
    this.#namespace = `trapline-f${process.pid}-${made}`;
    execFileSync('ip', ['netns', 'add', this.#namespace]);
    execFileSync('ip', ['-n', this.#namespace, 'link', 'set', 'lo', 'up']);
  }

  /** Writes the configuration: the paths in the folder, and the given text. A path that the text sets is left out. */
  configure(config) {
    // A command that finds no daemon opens the ledger of the configuration. It must never be the ledger of this machine.
    const places = [
      `sources: [{ type: file, path: '${this.log}', from: start }]`,
      'actions: [nftables]',
      `state: '${this.state}'`,
      `control: { socket: '${this.socket}' }`,
    ];
    const own = places.filter((line) => !config.includes(`${line.slice(0, line.indexOf(':'))}:`));
    writeFileSync(this.config, `${own.join('\n')}\n${config}\n`);
    chmodSync(this.config, 0o644); // The daemon may run as another user, so the file must be readable under any umask.
  }

  /** Returns the command line that runs `argv` in the namespace of the daemon. */
  inside(...argv) {
    return this.#namespace ? ['ip', 'netns', 'exec', this.#namespace, ...argv] : argv;
  }

  /** Runs a program in the namespace of the daemon, and returns its output. */
  run(...argv) {
    const [program, ...args] = this.inside(...argv);
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 30 });
  }

  /** Starts the daemon without waiting for it. */
  spawn() {
    const places = ['--config', this.config, '--state', this.state, '--socket', this.socket];
    const [program, ...args] = this.inside(...this.before, ...this.program, 'run', ...places);
    this.child = spawn(program, args, { stdio: ['ignore', this.outputs, this.outputs] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (text) => (this.said += String(text)));
    return this.child;
  }

  /** Starts the daemon. Resolves when it answers on its socket. */
  async start(deadline = 20_000) {
    const child = this.spawn();
    await eventually(
      'the daemon answers',
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the daemon ended: ${this.said}`);
        return this.ask('GET', '/v1/status').catch(() => undefined);
      },
      deadline,
    );
  }

  /** Kills the daemon. Resolves when it has ended. */
  async kill() {
    await this.#end('SIGKILL');
  }

  /** Stops the daemon. Resolves to its exit code and the duration of the stop (milliseconds). */
  async stop() {
    const start = performance.now();
    await this.#end('SIGTERM');
    return { code: this.child?.exitCode ?? null, took: performance.now() - start };
  }

  /** Sends one request over the socket. Rejects with the reason of a refusal, or with the error of a broken connection. */
  ask(method, path, body) {
    const text = body === undefined ? '' : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      // Each request has a new connection, because the daemon may be closing an idle connection.
      const headers = { 'content-length': Buffer.byteLength(text) };
      const sent = request({ socketPath: this.socket, method, path, headers, agent: false });
      sent.once('error', reject);
      sent.once('response', async (answer) => {
        try {
          const value = JSON.parse(Buffer.concat(await answer.toArray()).toString());
          if (answer.statusCode === 200) resolve(value);
          else reject(new Error(`${answer.statusCode}: ${value.error}`));
        } catch (thrown) {
          reject(thrown);
        }
      });
      sent.end(text);
    });
  }

  status() {
    return this.ask('GET', '/v1/status');
  }

  /** The bans in force, one for each network and jail. */
  async bans() {
    const { bans } = await this.ask('GET', '/v1/bans');
    return bans;
  }

  ban(networks, rest = {}) {
    return this.ask('POST', '/v1/bans', { networks, ...rest });
  }

  unban(networks) {
    return this.ask('DELETE', '/v1/bans', { networks });
  }

  reload() {
    return this.ask('POST', '/v1/reload');
  }

  /** Appends the lines to the log in one write. */
  write(...lines) {
    appendFileSync(this.log, lines.join(''));
  }

  /** The networks in the sets of nftables, with the seconds until each ban ends (null: for ever). */
  firewall() {
    const { nftables } = JSON.parse(this.run('nft', '-j', 'list', 'table', 'inet', 'trapline'));
    const held = new Map();
    for (const { set } of nftables) {
      const prefix = Number(/_(\d+)$/.exec(set?.name ?? '')?.[1]);
      for (const element of set?.elem ?? []) {
        const address = element.elem?.val ?? element;
        const host = prefix === (address.includes(':') ? 128 : 32);
        held.set(host ? address : `${address}/${prefix}`, element.elem?.expires ?? null);
      }
    }
    return held;
  }

  /** True if all of these hosts are in nftables. Only then does the check of a deletion (nft -c) succeed. It is fast for a set of any size. */
  holds(addresses) {
    const [program, ...args] = this.inside('nft', '-c', `delete element inet trapline ipv4_32 { ${addresses.join(', ')} }`);
    return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
  }

  /** Reads rows of the ledger, also while the daemon runs. */
  rows(sql, ...values) {
    const database = new Database(`${pathToFileURL(this.state).href}?mode=ro`, { timeout: 10_000 });
    try {
      return database.prepare(sql).all(values);
    } finally {
      database.close();
    }
  }

  /** The resident memory of the daemon in MiB: the present value and the peak. */
  memory() {
    const text = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    const of = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024);
    return { now: of('VmRSS'), most: of('VmHWM') };
  }

  /** Kills the daemon and its programs, and removes the namespace and the folder. */
  async remove() {
    await this.kill();
    if (this.#namespace) removeNamespace(this.#namespace);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal) {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
