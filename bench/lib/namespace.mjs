// A network namespace of its own for each program that is measured, so that no firewall meets another, nor that of the machine.
import { execFileSync } from 'node:child_process';

/** Why network namespaces cannot be had here; undefined when they can. */
export function namespacesMissing() {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces';
  return undefined;
}

/** An empty network namespace until it is removed; programs in it are to be ended before. */
export class Namespace {
  static #made = 0;
  #name = `trapline-bench-${process.pid}-${(Namespace.#made += 1)}`;

  constructor() {
    execFileSync('ip', ['netns', 'add', this.#name]);
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  /** The argv that runs a command inside. */
  inside(...argv) {
    return ['ip', 'netns', 'exec', this.#name, ...argv];
  }

  /** Runs a command inside and returns what it printed; `input` is its standard input. Throws when it fails. */
  run(...argv) {
    return this.feed('', ...argv);
  }

  feed(input, ...argv) {
    const [program, ...args] = this.inside(...argv);
    return execFileSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] });
  }

  remove() {
    execFileSync('ip', ['netns', 'del', this.#name]);
  }
}
