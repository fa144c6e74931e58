// Two hosts, a mail server and a host with all clients, each in its own network namespace, with a veth pair between them.
// The addresses are reserved for documentation by RFC 5737 and RFC 3849.
import { removeNamespace } from '../namespaces.mjs';
import { execFileSync } from 'node:child_process';

/** The addresses of the server. */
export const SERVER = { v4: '192.0.2.25', v6: '2001:db8:25::25' } as const;

/** The clients, each with its own address. `spammer6` and `cousin6` are in one /64, and `neighbour6` is in another /64. */
export const CLIENTS = {
  spammer4: '203.0.113.10',
  neighbour4: '203.0.113.11',
  forger4: '203.0.113.12',
  honest4: '203.0.113.13',
  spammer6: '2001:db8:10::10',
  cousin6: '2001:db8:10::99',
  neighbour6: '2001:db8:11::11',
} as const;

/** The two namespaces, until `remove` is called. */
export class Hosts {
  readonly server: string;
  readonly clients: string;

  /** Creates and connects the namespaces. Their names contain the process id, and can be used again after `remove`. */
  constructor() {
    this.server = `trapline-s${process.pid}`;
    this.clients = `trapline-c${process.pid}`;
    ip('netns', 'add', this.server);
    ip('netns', 'add', this.clients);
    ip('-n', this.server, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', this.clients);
    for (const name of [this.server, this.clients]) {
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'link', 'set', 'wire', 'up');
    }
    ip('-n', this.server, 'addr', 'add', `${SERVER.v4}/24`, 'dev', 'wire');
    ip('-n', this.server, 'addr', 'add', `${SERVER.v6}/64`, 'dev', 'wire', 'nodad');
    ip('-n', this.server, 'route', 'add', 'default', 'dev', 'wire');
    ip('-n', this.server, '-6', 'route', 'add', 'default', 'dev', 'wire');
    for (const address of Object.values(CLIENTS)) {
      const [prefix, ...more] = address.includes(':') ? ['64', 'nodad'] : ['24'];
      ip('-n', this.clients, 'addr', 'add', `${address}/${prefix}`, 'dev', 'wire', ...more);
    }
    ip('-n', this.clients, 'route', 'add', 'default', 'dev', 'wire');
    ip('-n', this.clients, '-6', 'route', 'add', 'default', 'dev', 'wire');
  }

  /** Kills the programs that still run in the namespaces, and removes both namespaces. */
  remove(): void {
    for (const name of [this.server, this.clients]) removeNamespace(name);
  }
}

/** Returns the command line that runs `argv` on one of the hosts. */
export function inside(host: string, ...argv: string[]): [string, ...string[]] {
  return ['ip', 'netns', 'exec', host, ...argv];
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
