// A contender is a measured program: Trapline or a peer. This file runs a contender in a network namespace of its own, and writes the log that the
// contender reads. It also receives the events of the contender's firewall, and reads the contender's CPU time and memory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FirewallEvents, now, seconds } from './firewall-events.mjs';
import { Namespace } from './namespace.mjs';
import { usageOf } from './usage.mjs';

/** A folder on a disk, because /tmp may be in memory, where a durable write costs nothing. */
const FOLDER = '/var/tmp';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Returns time and host as rsyslogd writes them in front of a line (RFC 3164). */
export function head(at = new Date()) {
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((number) => String(number).padStart(2, '0')).join(':');
  return `${MONTHS[at.getMonth()]} ${String(at.getDate()).padStart(2, ' ')} ${time} mx1 `;
}

/** Returns the line that Postfix writes for a client that mails a trap. */
export function trapLine(address) {
  const message = 'NOQUEUE: discard: RCPT from unknown[ADDRESS]: <trap@example.com>: Recipient address triggers spamtrap;';
  return `${head()}postfix/smtpd[1234]: ${message.replace('ADDRESS', address)} from=<a@example.org> to=<trap@example.com> proto=ESMTP helo=<foo>\n`;
}

/** Returns the address with number `n`. No two of these addresses are adjacent, because some firewalls merge adjacent addresses. */
export function addressOf(n) {
  const host = 2 * n + 1;
  return `45.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`;
}

/** The base class of all contenders. The method `launch()` of a subclass starts its programs and returns the first process. */
export class Contender {
  /** The name that tables show. */
  name = '';
  /** The program's firewall: the last arguments for the constructor of FirewallEvents. */
  firewall = ['nft'];
  /** A ban that takes more than this number of seconds counts as lost. */
  patience = 30;
  folder = mkdtempSync(join(FOLDER, 'trapline-bench-'));
  log = join(this.folder, 'mail.log');
  namespace = new Namespace();
  child;
  #events;
  #next = 0;

  /** Makes the files that the programs need. Called before `start`. */
  async prepare() {
    writeFileSync(this.log, '');
    this.#events = new FirewallEvents(this.namespace, ...this.firewall);
    await this.#events.ready;
  }

  /** Returns the log line that makes this program ban an address. */
  line(address) {
    return trapLine(address);
  }

  /** Starts the programs; resolves when a first ban is in the firewall. */
  async start() {
    this.child = this.launch();
    const end = Date.now() + 60_000;
    for (;;) {
      const seen = await this.ban(1).catch(() => undefined);
      if (seen !== undefined) return;
      if (Date.now() > end || this.child.exitCode !== null)
        throw new Error(`${this.name} does not start, see ${this.folder}/output`);
    }
  }

  /** Writes a line for a new address; returns the seconds until that address is in the firewall. */
  async ban(patience = this.patience) {
    const address = this.#address();
    const line = this.line(address);
    const seen = this.#events.seen(address, patience);
    const start = now();
    appendFileSync(this.log, line);
    return seconds(start, await seen);
  }

  /** Writes `count` lines at once; returns the seconds until all of their addresses are in the firewall, and the CPU seconds. */
  async burst(count) {
    const text = Array.from({ length: count }, () => this.line(this.#address())).join('');
    await this.#events.reset();
    const before = this.usage().cpu;
    const counted = this.#events.counted(count, 600);
    const start = now();
    appendFileSync(this.log, text);
    const wall = seconds(start, await counted);
    await sleep(300); // The kernel adds the CPU time of a child to its parent when the parent has waited for the child.
    return { wall, cpu: this.usage().cpu - before };
  }

  /** Writes lines without a hit at a given rate for a given time; returns the CPU time of all programs as a share of one core. */
  async follow(lines, rate, duration) {
    const PARTS = 20;
    const each = Math.round(rate / PARTS);
    const before = this.usage().cpu;
    const start = now();
    for (let part = 0; part < duration * PARTS; part += 1) {
      const from = (part * each) % (lines.length - each);
      const stamp = head();
      appendFileSync(
        this.log,
        lines
          .slice(from, from + each)
          .map((line) => stamp + line)
          .join(''),
      );
      await sleep(Math.max(0, ((part + 1) / PARTS - seconds(start, now())) * 1000));
    }
    return (this.usage().cpu - before) / seconds(start, now());
  }

  /** Stops the programs; returns the seconds until they have ended. */
  async stop() {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return 0;
    const start = now();
    child.kill('SIGTERM');
    await once(child, 'exit');
    return seconds(start, now());
  }

  /** Empties the firewall, as a boot does. */
  forget() {
    this.namespace.run('nft', 'flush', 'ruleset');
    if (this.firewall[0] === 'ipset') this.namespace.run('ipset', 'destroy');
  }

  /** Starts the programs with bans on record. Returns the seconds until `count` bans are in the firewall, and the CPU seconds. */
  async restart(count, patience = 900) {
    await this.#events.reset();
    const counted = this.#events.counted(count, patience);
    const start = now();
    this.child = this.launch();
    const wall = seconds(start, await counted);
    await sleep(300);
    return { wall, cpu: this.usage().cpu };
  }

  /** Returns the CPU time and memory of the programs, see `usageOf`. */
  usage() {
    return usageOf(this.child.pid);
  }

  /** How many times the kernel has dropped events. If it has dropped any, the measurement is invalid. */
  get lost() {
    return this.#events?.lost ?? 0;
  }

  /** Ends the programs and removes their files and namespace. */
  async remove() {
    await this.stop();
    this.#events?.end();
    await sleep(100);
    this.namespace.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts a program in the namespace; its output goes to a file. */
  spawn(argv, options = {}) {
    if (!existsSync(this.folder)) mkdirSync(this.folder);
    const output = openSync(join(this.folder, 'output'), 'a');
    const [program, ...args] = this.namespace.inside(...argv);
    return spawn(program, args, { stdio: ['ignore', output, output], ...options });
  }

  #address() {
    this.#next += 1;
    return addressOf(this.#next);
  }
}
