// A mail server and its clients, in two network namespaces with a veth pair between them. A program in each (agent.mjs) listens or connects.
// The addresses are reserved for documentation by RFC 5737 and RFC 3849.
import { removeNamespace } from '../namespaces.mjs';
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const AGENT = fileURLToPath(new URL('./agent.mjs', import.meta.url));

/** The addresses of the server. */
export const SERVER = { 4: '192.0.2.25', 6: '2001:db8:25::25' } as const;

/** The addresses of the clients. The last two of IPv6 are in one /64. */
export const CLIENTS = {
  4: ['203.0.113.10', '203.0.113.11', '198.51.100.7'],
  6: ['2001:db8:10::10', '2001:db8:11::11', '2001:db8:11::99'],
} as const;

/** The result of a connection: `open` with a reply, `silent` without a reply, `refused`, or `closed` by the other side. */
export type Seen = 'open' | 'silent' | 'refused' | 'closed';

/** No test bans this client, so its connections show whether the server replies. */
const [, , UNBANNED] = CLIENTS[4];

let made = 0;

/** A new, empty network namespace. */
export class Namespace {
  readonly name: string;

  constructor(kind: string) {
    made += 1;
    this.name = `trapline-${kind}${process.pid}-${made}`;
    run('ip', 'netns', 'add', this.name);
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  /** Returns the command line that runs `argv` inside the namespace. */
  inside(...argv: readonly string[]): [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.name, ...argv];
  }

  /** Runs a command inside the namespace and returns its output. Throws when the command fails. */
  run(...argv: readonly string[]): string {
    return run(...this.inside(...argv));
  }

  /** The process ids of the programs that run inside the namespace. */
  pids(): number[] {
    return run('ip', 'netns', 'pids', this.name).split('\n').filter(Boolean).map(Number);
  }

  /** Kills the programs that still run in the namespace, such as the nft monitor of a killed daemon, and removes the namespace. */
  remove(): void {
    removeNamespace(this.name);
  }
}

/** A running agent.mjs in a namespace. */
export class Agent {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, (result: string) => void>();
  readonly ready: Promise<string>;
  readonly where: Namespace;
  #next = 1;

  constructor(namespace: Namespace, ...args: readonly string[]) {
    this.where = namespace;
    const [program, ...rest] = namespace.inside(process.execPath, AGENT, ...args);
    this.#child = spawn(program, rest);
    this.#child.stderr.pipe(process.stderr);
    this.ready = new Promise((resolve) => this.#waiting.set(0, resolve));
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { id, result } = JSON.parse(line) as { id: number; result: string };
      this.#waiting.get(id)?.(result);
    });
  }

  ask(order: object): { id: number; result: Promise<string> } {
    const id = this.#next;
    this.#next += 1;
    const result = new Promise<string>((resolve) => this.#waiting.set(id, resolve));
    this.#child.stdin.write(`${JSON.stringify({ id, ...order })}\n`);
    return { id, result };
  }

  end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#child.once('close', () => resolve());
      this.#child.kill('SIGKILL');
    });
  }
}

/** A connection of a client. */
export interface Connection {
  readonly seen: Seen;
  /** Sends a line over the connection, and waits for the reply. */
  say(): Promise<Seen>;
}

/** The server and its clients, until `remove` is called. */
export class Wire {
  #server: Namespace | undefined;
  #clients: Namespace | undefined;
  readonly #agents: Agent[] = [];
  #dialler: Agent | undefined;

  /** The namespace of the server. */
  get server(): Namespace {
    if (!this.#server) throw new Error('not started');
    return this.#server;
  }

  /** Creates and connects the namespaces, and listens on `ports` of the server. The first port must be open to a client that no test bans. */
  async start(...ports: readonly number[]): Promise<void> {
    this.#server = new Namespace('s');
    const clients = new Namespace('c');
    this.#clients = clients;
    this.server.run('ip', 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', clients.name);
    for (const side of [this.server, clients]) side.run('ip', 'link', 'set', 'wire', 'up');
    this.server.run('ip', 'addr', 'add', `${SERVER[4]}/24`, 'dev', 'wire');
    this.server.run('ip', 'addr', 'add', `${SERVER[6]}/64`, 'dev', 'wire', 'nodad');
    for (const address of CLIENTS[4]) clients.run('ip', 'addr', 'add', `${address}/32`, 'dev', 'wire');
    for (const address of CLIENTS[6]) clients.run('ip', 'addr', 'add', `${address}/128`, 'dev', 'wire', 'nodad');
    for (const side of [this.server, clients]) {
      side.run('ip', 'route', 'add', 'default', 'dev', 'wire');
      side.run('ip', '-6', 'route', 'add', 'default', 'dev', 'wire');
    }
    this.#dialler = new Agent(clients, 'client', UNBANNED, SERVER[4], String(ports[0]));
    this.#agents.push(this.#dialler);
    await this.#dialler.ready;
    await this.listen(this.server, ...ports);
  }

  /** Listens on ports inside a namespace. */
  async listen(where: Namespace, ...ports: readonly number[]): Promise<void> {
    const agent = new Agent(where, 'listen', ...ports.map(String));
    this.#agents.push(agent);
    await agent.ready;
  }

  /** Connects from an address of the clients to a port of the server. */
  async dial(from: string, port: number): Promise<Connection> {
    const dialler = this.#dialler;
    if (!dialler) throw new Error('not started');
    const { id, result } = dialler.ask({ from, to: from.includes(':') ? SERVER[6] : SERVER[4], port });
    return { seen: (await result) as Seen, say: async () => (await dialler.ask({ socket: id }).result) as Seen };
  }

  /** Ends the agents of another namespace, and removes the namespace. */
  async end(where: Namespace): Promise<void> {
    await Promise.all(this.#agents.filter((agent) => agent.where === where).map((agent) => agent.end()));
    where.remove();
  }

  /** Ends the agents and removes both namespaces. */
  async remove(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.end()));
    this.#server?.remove();
    this.#clients?.remove();
  }
}

function run(...argv: readonly string[]): string {
  const [program = '', ...args] = argv;
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
}
