// The real daemon in a network namespace of its own, to be killed, stopped and started again on the same folder: for the tests of faults
// and for the programs in bench/, which is why it is plain JavaScript. TRAPLINE_MAIN names another program than dist/main.cjs.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CHECKOUT = join(import.meta.dirname, '..', '..');
const Database = createRequire(import.meta.url)('libsql');

let made = 0;

/** Compiles the program if its sources are newer, unless another one was named. */
export function compile() {
  if (process.env.TRAPLINE_MAIN === undefined) {
    execFileSync(process.execPath, [join(CHECKOUT, 'scripts', 'setup.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

/** A line of Postfix's smtpd for a client that mails a trap; `number` makes it another message. */
export function trapLine(address, { at = Date.now(), number = 0, trap = 'trap@example.com' } = {}) {
  const date = new Date(at).toISOString().replace('Z', '000+00:00');
  const words = `NOQUEUE: discard: RCPT from unknown[${address}]: <${trap}>: Recipient address triggers spamtrap;`;
  return `${date} mx postfix/smtpd[${1000 + number}]: ${words} from=<s${number}@example.org> to=<${trap}> proto=ESMTP helo=<c.example.org>\n`;
}

/** A line of Postfix that is nobody's hit. */
export function otherLine(number, at = Date.now()) {
  const date = new Date(at).toISOString().replace('Z', '000+00:00');
  return `${date} mx postfix/smtpd[${1000 + (number % 30_000)}]: connect from mail${number}.example.net[198.51.100.${number % 256}]\n`;
}

/** Asks every 20 ms until `holds` returns something true, which it resolves to; rejects after `deadline` milliseconds. */
export async function eventually(what, holds, deadline = 20_000) {
  const end = Date.now() + deadline;
  for (;;) {
    const held = await holds();
    if (held) return held;
    if (Date.now() > end) throw new Error(`waited ${deadline / 1000} s in vain: ${what}`);
    await sleep(20);
  }
}

/** A daemon with its folder, which outlives it. */
export class World {
  folder = mkdtempSync(join(tmpdir(), 'trapline-world-'));
  log = join(this.folder, 'mail.log');
  state = join(this.folder, 'state', 'trapline.db');
  socket = join(this.folder, 'control.sock');
  config = join(this.folder, 'trapline.yaml');
  said = '';
  child;
  /** What goes in front of the program, such as `setpriv ...`. */
  before;
  #namespace;

  /** `namespace: false` leaves out the network namespace. */
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

  /** Writes the configuration: what is given, after the places of this world. */
  configure(config) {
    const places = [`sources: [{ type: file, path: '${this.log}', from: start }]`, 'actions: [nftables]'];
    const own = places.filter((line) => !config.includes(`${line.slice(0, line.indexOf(':'))}:`));
    writeFileSync(this.config, `${own.join('\n')}\n${config}\n`);
  }

  /** The argv that runs a program where the daemon runs. */
  inside(...argv) {
    return this.#namespace ? ['ip', 'netns', 'exec', this.#namespace, ...argv] : argv;
  }

  /** Runs a program where the daemon runs, and returns what it printed. */
  run(...argv) {
    const [program, ...args] = this.inside(...argv);
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 30 });
  }

  /** Starts the daemon without waiting for it. */
  spawn() {
    const main = process.env.TRAPLINE_MAIN ?? join(CHECKOUT, 'dist', 'main.cjs');
    const places = ['--config', this.config, '--state', this.state, '--socket', this.socket];
    const [program, ...args] = this.inside(...this.before, process.execPath, main, 'run', ...places);
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (text) => (this.said += String(text)));
    return this.child;
  }

  /** Starts the daemon; resolves when it answers. */
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

  /** Kills it at once; resolves when it is gone. */
  async kill() {
    await this.#end('SIGKILL');
  }

  /** Stops it; resolves to its exit code and how long that took (milliseconds). */
  async stop() {
    const start = performance.now();
    await this.#end('SIGTERM');
    return { code: this.child?.exitCode ?? null, took: performance.now() - start };
  }

  /** One request over the socket. Rejects with what the daemon refused it for, or with the error of a connection that broke. */
  ask(method, path, body) {
    const text = body === undefined ? '' : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.socket, method, path, headers: { 'content-length': Buffer.byteLength(text) } });
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

  /** The networks that are banned, with their ends in milliseconds (null: for ever); the later one of two jails. */
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

  /** Appends to the log in one write. */
  write(...lines) {
    appendFileSync(this.log, lines.join(''));
  }

  /** What nftables holds: networks as people write them, with the seconds that are left (null: for ever). */
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

  /** Whether all of these hosts are in nftables, at any size of the set: a change that works only then is tried, and not made. */
  holds(addresses) {
    const [program, ...args] = this.inside('nft', '-c', `delete element inet trapline ipv4_32 { ${addresses.join(', ')} }`);
    return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
  }

  /** Rows of the ledger, read beside the daemon. */
  rows(sql, ...values) {
    const database = new Database(`file://${this.state}?mode=ro`, { timeout: 10_000 });
    try {
      return database.prepare(sql).all(values);
    } finally {
      database.close();
    }
  }

  /** Memory of the daemon in MiB: now, and the most there was. */
  memory() {
    const text = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    const of = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024);
    return { now: of('VmRSS'), most: of('VmHWM') };
  }

  /** Kills what still runs and removes namespace and folder. */
  async remove() {
    await this.kill();
    if (this.#namespace) execFileSync('ip', ['netns', 'del', this.#namespace]);
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
