// Two hosts on one wire: a mail server and the clients of the world, each a network namespace of its own.
// Addresses are those that RFC 5737 and RFC 3849 set aside for documentation.
import { execFileSync } from 'node:child_process';

/** The server's addresses. */
export const SERVER = { v4: '192.0.2.25', v6: '2001:db8:25::25' } as const;

/** Clients: each reaches the server from its own address; the IPv6 ones of a kind are in one /64, the neighbour in another. */
export const CLIENTS = {
  spammer4: '203.0.113.10',
  neighbour4: '203.0.113.11',
  forger4: '203.0.113.12',
  honest4: '203.0.113.13',
  spammer6: '2001:db8:10::10',
  cousin6: '2001:db8:10::99',
  neighbour6: '2001:db8:11::11',
} as const;

/** Both namespaces, until they are removed. */
export class Hosts {
  readonly server: string;
  readonly clients: string;

  /** Makes and joins the namespaces; their names carry the process id and are free again after `remove`. */
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

  /** Removes both namespaces and what is in them. Programs in them are to be ended before. */
  remove(): void {
    ip('netns', 'del', this.server);
    ip('netns', 'del', this.clients);
  }
}

/** The argv that runs a program on one of the hosts. */
export function inside(host: string, ...argv: string[]): [string, ...string[]] {
  return ['ip', 'netns', 'exec', host, ...argv];
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
