// A mail server and its clients, two network namespaces on one wire, with an agent in each that listens or connects as told.
// Addresses are those that RFC 5737 and RFC 3849 set aside for documentation.
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const AGENT = fileURLToPath(new URL('./actions-agent.mjs', import.meta.url));

/** The server's addresses. */
export const SERVER = { 4: '192.0.2.25', 6: '2001:db8:25::25' } as const;

/** The clients' addresses; the last two of IPv6 are in one /64. */
export const CLIENTS = {
  4: ['203.0.113.10', '203.0.113.11', '198.51.100.7'],
  6: ['2001:db8:10::10', '2001:db8:11::11', '2001:db8:11::99'],
} as const;

/** What a client sees: `open` for an answer, `silent` for none, `refused` or `closed` when it was told so. */
export type Seen = 'open' | 'silent' | 'refused' | 'closed';

let made = 0;

/** An empty network namespace of its own. */
export class Namespace {
  readonly name: string;

  constructor(kind: string) {
    made += 1;
    this.name = `trapline-${kind}${process.pid}-${made}`;
    run('ip', 'netns', 'add', this.name);
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  /** The argv that runs a command inside. */
  inside(...argv: readonly string[]): [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.name, ...argv];
  }

  /** Runs a command inside and returns what it printed. Throws when it fails. */
  run(...argv: readonly string[]): string {
    return run(...this.inside(...argv));
  }

  /** The programs that run inside. */
  pids(): number[] {
    return run('ip', 'netns', 'pids', this.name).split('\n').filter(Boolean).map(Number);
  }

  /** Removes the namespace with all that is in it. Programs in it are to be ended before. */
  remove(): void {
    run('ip', 'netns', 'del', this.name);
  }
}

/** An agent in a namespace. */
class Agent {
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

/** A connection that a client holds. */
export interface Connection {
  readonly seen: Seen;
  /** Says something over it, and waits for the answer. */
  say(): Promise<Seen>;
}

/** Server and clients, until they are removed. */
export class Wire {
  #server: Namespace | undefined;
  #clients: Namespace | undefined;
  readonly #agents: Agent[] = [];
  #dialler: Agent | undefined;

  /** The server's namespace. */
  get server(): Namespace {
    if (!this.#server) throw new Error('not started');
    return this.#server;
  }

  /** Makes and joins the namespaces, and listens on some ports of the server. */
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
    this.#dialler = new Agent(clients, 'client');
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

  /** Connects from a client's address to a port of the server. */
  async dial(from: string, port: number): Promise<Connection> {
    const dialler = this.#dialler;
    if (!dialler) throw new Error('not started');
    const { id, result } = dialler.ask({ from, to: from.includes(':') ? SERVER[6] : SERVER[4], port });
    return { seen: (await result) as Seen, say: async () => (await dialler.ask({ socket: id }).result) as Seen };
  }

  /** Ends the agents of a further namespace, and removes it. */
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
