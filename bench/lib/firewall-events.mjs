// When addresses reach a firewall, by the kernel's own word: the other end of firewall-events.py, which needs python3.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('firewall-events.py', import.meta.url));

/** Nanoseconds of CLOCK_MONOTONIC, as the other end tells them. */
export const now = () => process.hrtime.bigint();

/** Seconds between two instants. */
export const seconds = (from, to) => Number(to) / 1e9 - Number(from) / 1e9;

/** An ear in a namespace. `kind`: `nft`, or `ipset` with the name of the set. */
export class FirewallEvents {
  #child;
  #answers = new Map();
  lost = 0;

  constructor(namespace, kind, ...names) {
    const [program, ...args] = namespace.inside('python3', SCRIPT, kind, ...names);
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const [word, value, time] = line.split(' ');
      if (word === 'lost') this.lost += 1;
      this.#answers.get(word)?.({ value, time: BigInt(time ?? 0) });
    });
    this.ready = this.#answer('ready', 10);
  }

  /** The instant at which an address was there; rejects when it is not there in time (seconds). */
  async seen(address, patience) {
    this.#order(`want ${address}`);
    return (await this.#answer('seen', patience)).time;
  }

  /** The instant at which so many addresses had come since the last `reset`. */
  async counted(count, patience) {
    this.#order(`count ${count}`);
    return (await this.#answer('counted', patience)).time;
  }

  /** Begins to count anew. */
  async reset() {
    this.#order('reset');
    await this.#answer('reset', 10);
  }

  end() {
    this.#child.stdin.end();
  }

  #order(text) {
    this.#child.stdin.write(`${text}\n`);
  }

  #answer(word, patience) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${word}: nothing within ${patience} s`)), patience * 1000);
      this.#answers.set(word, (answer) => {
        clearTimeout(timer);
        this.#answers.delete(word);
        resolve(answer);
      });
    });
  }
}
