// A container with a published port, as Docker sets it up: a network namespace behind the bridge docker0 of the machine, with an SMTP listener.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { inside } from '../e2e/hosts.ts';
import { removeNamespace } from '../namespaces.mjs';
import { RUN } from './machine.ts';

/** The port on which the container listens, and which Docker's rules publish (test/fixtures/system/docker.rules). */
export const PUBLISHED = 587;

/** Accepts every connection and answers each command with success. */
const LISTENER = `
  require('node:net').createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write('250 ok\\r\\n'));
    socket.write('220 container.example.com\\r\\n');
  }).listen(${PUBLISHED}, '172.17.0.2');`;

/** One container of the machine whose network namespace is `server`. */
export class Container {
  readonly #name = `trapline-b${process.pid}`;
  readonly #listener: ChildProcess;

  constructor(server: string) {
    appendFileSync(join(RUN, 'namespaces'), `${this.#name}\n`);
    ip('netns', 'add', this.#name);
    ip('-n', server, 'link', 'add', 'docker0', 'type', 'bridge');
    ip('-n', server, 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#name);
    ip('-n', server, 'link', 'set', 'veth0', 'master', 'docker0');
    ip('-n', server, 'addr', 'add', '172.17.0.1/16', 'dev', 'docker0');
    for (const name of ['docker0', 'veth0']) ip('-n', server, 'link', 'set', name, 'up');
    ip('-n', this.#name, 'addr', 'add', '172.17.0.2/16', 'dev', 'eth0');
    for (const name of ['lo', 'eth0']) ip('-n', this.#name, 'link', 'set', name, 'up');
    ip('-n', this.#name, 'route', 'add', 'default', 'via', '172.17.0.1');
    const [program, ...args] = inside(server, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
    execFileSync(program, args);
    const [node, ...listen] = inside(this.#name, process.execPath, '-e', LISTENER);
    this.#listener = spawn(node, listen, { stdio: 'ignore' });
  }

  /** Ends the listener and removes the namespace. */
  remove(): void {
    this.#listener.kill('SIGKILL');
    removeNamespace(this.#name);
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
