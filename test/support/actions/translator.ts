// A server that has only IPv6, its IPv4 clients, and a translator (tayga) between them, each in a network namespace of its own.
// The IPv4 addresses are from RFC 6598, because tayga does not translate documentation addresses with the well-known prefix.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, Namespace, type Seen } from './wire.ts';

const SERVER = '2001:db8:25::25';

/** The address under which IPv4 clients know the server. */
const SERVER_BEHIND = '100.64.1.25';

/** The clients of the translator. No test bans the last client: its connections show that the server answers. */
export const IPV4_CLIENTS = ['100.64.0.7', '100.64.0.8', '100.64.0.129', '100.64.0.9'] as const;
const [, , , UNBANNED] = IPV4_CLIENTS;

/** Runs ip(8) in a namespace. */
function ip(where: Namespace, text: string): void {
  where.run('ip', ...text.split(' '));
}

/** The server, the translator and the clients. */
export class Translated {
  readonly server = new Namespace('s');
  readonly #translator = new Namespace('t');
  readonly #clients = new Namespace('c');
  readonly #folder = mkdtempSync(join(tmpdir(), 'trapline-translator-'));
  readonly #agents: Agent[] = [];
  #tayga: ChildProcess | undefined;

  /** Connects the namespaces. `tunnels`: further IPv6 addresses of the clients. */
  constructor(tunnels: readonly string[] = []) {
    const [server, translator, clients] = [this.server, this.#translator, this.#clients];
    // Duplicate address detection is switched off, because it takes a second, in which the link resolves no neighbour.
    for (const side of [server, translator, clients]) side.run('sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0');
    ip(server, `link add wire type veth peer name inside netns ${translator.name}`);
    ip(clients, `link add wire type veth peer name outside netns ${translator.name}`);
    for (const side of [server, clients]) ip(side, 'link set wire up');
    for (const link of ['inside', 'outside']) ip(translator, `link set ${link} up`);
    ip(server, `addr add ${SERVER}/64 dev wire nodad`);
    ip(translator, 'addr add 2001:db8:25::1/64 dev inside nodad');
    ip(translator, 'addr add 100.64.0.1/24 dev outside');
    ip(translator, 'addr add 2001:db8:6::1/64 dev outside nodad');
    ip(clients, 'addr add 2001:db8:6::2/64 dev wire nodad');
    for (const address of IPV4_CLIENTS) ip(clients, `addr add ${address}/24 dev wire`);
    for (const address of tunnels) {
      ip(clients, `addr add ${address}/128 dev wire nodad`);
      ip(translator, `-6 route add ${address}/128 via 2001:db8:6::2`);
    }
    ip(server, '-6 route add default via 2001:db8:25::1');
    ip(clients, 'route add default via 100.64.0.1');
    ip(clients, '-6 route add default via 2001:db8:6::1');
    for (const key of ['ipv4.ip_forward', 'ipv6.conf.all.forwarding']) translator.run('sysctl', '-qw', `net.${key}=1`);
  }

  /** Starts the server on port 25, behind a translator with this prefix (RFC 6052). */
  async start(prefix: string): Promise<void> {
    const file = join(this.#folder, 'tayga.conf');
    const lines = [
      'tun-device nat64',
      'ipv4-addr 100.64.1.1',
      'ipv6-addr 2001:db8:25:1::1',
      `prefix ${prefix}`,
      `map ${SERVER_BEHIND} ${SERVER}`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    this.#translator.run('tayga', '--mktun', '-c', file);
    this.#translator.run('ip', 'link', 'set', 'nat64', 'up');
    this.#translator.run('ip', 'route', 'add', '100.64.1.0/24', 'dev', 'nat64');
    this.#translator.run('ip', '-6', 'route', 'add', prefix, 'dev', 'nat64');
    const [program, ...args] = this.#translator.inside('tayga', '-d', '-c', file);
    this.#tayga = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    this.#agents.push(new Agent(this.server, 'listen', '25'));
    this.#agents.push(new Agent(this.#clients, 'client', UNBANNED, SERVER_BEHIND, '25'));
    await Promise.all(this.#agents.map((agent) => agent.ready));
  }

  /** Connects from an address of the clients to port 25, and returns the result. */
  async seen(from: string): Promise<Seen> {
    const to = from.includes(':') ? SERVER : SERVER_BEHIND;
    return (await this.#agents.at(-1)?.ask({ from, to, port: 25 }).result) as Seen;
  }

  /** Ends the programs and removes the namespaces. */
  async remove(): Promise<void> {
    const tayga = this.#tayga;
    if (tayga && tayga.exitCode === null) {
      const ended = once(tayga, 'close');
      tayga.kill('SIGKILL');
      await ended;
    }
    await Promise.all(this.#agents.map((agent) => agent.end()));
    for (const namespace of [this.server, this.#translator, this.#clients]) namespace.remove();
    rmSync(this.#folder, { recursive: true });
  }
}
