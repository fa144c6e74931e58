// A program under test in a network namespace of its own: its log, its firewall as the kernel tells of it, and what it uses.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FirewallEvents, now, seconds } from './firewall-events.mjs';
import { Namespace } from './namespace.mjs';
import { usageOf } from './usage.mjs';

/** On a disk on every system, while /tmp may be in memory: what is written down durably is to cost what it costs. */
const FOLDER = '/var/tmp';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Time and host as rsyslogd writes them in front of a line (RFC 3164). */
export function head(at = new Date()) {
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((number) => String(number).padStart(2, '0')).join(':');
  return `${MONTHS[at.getMonth()]} ${String(at.getDate()).padStart(2, ' ')} ${time} mx1 `;
}

/** A line that Postfix writes for a client that mails a trap. */
export function trapLine(address) {
  const message = 'NOQUEUE: discard: RCPT from unknown[ADDRESS]: <trap@example.com>: Recipient address triggers spamtrap;';
  return `${head()}postfix/smtpd[1234]: ${message.replace('ADDRESS', address)} from=<a@example.org> to=<trap@example.com> proto=ESMTP helo=<foo>\n`;
}

/** Address number `n`; no two of them are neighbours, for some firewalls join what touches. */
export function addressOf(n) {
  const host = 2 * n + 1;
  return `45.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`;
}

/** What all contenders share. A subclass says how its programs are started: `launch()` returns the first of them. */
export class Contender {
  /** As tables show it. */
  name = '';
  /** What FirewallEvents listens to. */
  firewall = ['nft'];
  /** Seconds that one ban may take before it counts as lost. */
  patience = 30;
  folder = mkdtempSync(join(FOLDER, 'trapline-bench-'));
  log = join(this.folder, 'mail.log');
  namespace = new Namespace();
  child;
  #events;
  #next = 0;

  /** Makes what the programs need; before `start`. */
  async prepare() {
    writeFileSync(this.log, '');
    this.#events = new FirewallEvents(this.namespace, ...this.firewall);
    await this.#events.ready;
  }

  /** The line that makes this program ban an address. */
  line(address) {
    return trapLine(address);
  }

  /** Starts the programs; resolves when a first ban has come through. */
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

  /** Seconds from a written line to its address in the firewall. */
  async ban(patience = this.patience) {
    const address = this.#address();
    const line = this.line(address);
    const seen = this.#events.seen(address, patience);
    const start = now();
    appendFileSync(this.log, line);
    return seconds(start, await seen);
  }

  /** Seconds from so many lines, written at once, to all of their addresses in the firewall; and the CPU seconds that took. */
  async burst(count) {
    const text = Array.from({ length: count }, () => this.line(this.#address())).join('');
    await this.#events.reset();
    const before = this.usage().cpu;
    const counted = this.#events.counted(count, 600);
    const start = now();
    appendFileSync(this.log, text);
    const wall = seconds(start, await counted);
    await sleep(300); // Children are counted when they have been waited for.
    return { wall, cpu: this.usage().cpu - before };
  }

  /** CPU seconds of all programs while so many lines a second are written, none of which is a hit, for so many seconds; a share of one core. */
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

  /** Stops the programs: seconds until they are gone. */
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

  /** Starts the programs over what they have on record: seconds from there to `count` bans in the firewall, and the CPU seconds. */
  async restart(count, patience = 900) {
    await this.#events.reset();
    const counted = this.#events.counted(count, patience);
    const start = now();
    this.child = this.launch();
    const wall = seconds(start, await counted);
    await sleep(300);
    return { wall, cpu: this.usage().cpu };
  }

  /** See usage.mjs. */
  usage() {
    return usageOf(this.child.pid);
  }

  /** Announcements that the kernel had to drop: with any, what was measured is void. */
  get lost() {
    return this.#events?.lost ?? 0;
  }

  /** Ends everything and removes it. */
  async remove() {
    await this.stop();
    this.#events?.end();
    await sleep(100);
    this.namespace.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts a program in the namespace; what it says goes into a file. */
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
