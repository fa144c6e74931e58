// Gives each measured program a network namespace of its own. So its firewall is separate from all other firewalls, also from that of the machine.
import { removeNamespace } from '../../test/support/namespaces.mjs';
import { execFileSync } from 'node:child_process';

/** Returns the reason why this machine cannot make network namespaces; undefined when it can. */
export function namespacesMissing() {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces';
  return undefined;
}

/** A new network namespace. All programs in the namespace must have ended before `remove` is called. */
export class Namespace {
  static #made = 0;
  #name = `trapline-bench-${process.pid}-${(Namespace.#made += 1)}`;

  constructor() {
    execFileSync('ip', ['netns', 'add', this.#name]);
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  /** Returns the argv that runs a command in the namespace. */
  inside(...argv) {
    return ['ip', 'netns', 'exec', this.#name, ...argv];
  }

  /** Runs a command in the namespace and returns its output. Throws when the command fails. */
  run(...argv) {
    return this.feed('', ...argv);
  }

  /** Runs a command as `run` does, with `input` as its standard input. */
  feed(input, ...argv) {
    const [program, ...args] = this.inside(...argv);
    return execFileSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] });
  }

  remove() {
    removeNamespace(this.#name);
  }
}
