// Reports when addresses are added to a firewall. Runs firewall-events.py, which needs python3. That program receives events of nftables, and polls
// ipset.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('firewall-events.py', import.meta.url));

/** The present time in nanoseconds of CLOCK_MONOTONIC, which firewall-events.py uses too. */
export const now = () => process.hrtime.bigint();

/** The seconds between two instants of `now`. */
export const seconds = (from, to) => Number(to) / 1e9 - Number(from) / 1e9;

/** Watches the firewall in a namespace. `kind`: `nft`, or `ipset` with the name of the set. */
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

  /** Resolves to the instant at which an address was added to the firewall. Rejects after `patience` seconds. */
  async seen(address, patience) {
    this.#order(`want ${address}`);
    return (await this.#answer('seen', patience)).time;
  }

  /** Resolves to the instant at which the number of addresses that were added since the last `reset` reached `count`. */
  async counted(count, patience) {
    this.#order(`count ${count}`);
    return (await this.#answer('counted', patience)).time;
  }

  /** Sets the count of added addresses to zero. */
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
      const timer = setTimeout(() => reject(new Error(`${word}: no answer within ${patience} s`)), patience * 1000);
      this.#answers.set(word, (answer) => {
        clearTimeout(timer);
        this.#answers.delete(word);
        resolve(answer);
      });
    });
  }
}
