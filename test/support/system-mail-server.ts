// The mail server of a test: a machine set up as the README says, the clients that mail it, and what can be asked of Trapline on it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { smtp } from './e2e-client.ts';
import { CLIENTS } from './e2e-hosts.ts';
import { until } from './e2e-until.ts';
import { Machine, RUN } from './system-machine.ts';

/** A client by its name. */
export type Client = keyof typeof CLIENTS;

/** Nobody's address, and somebody's. */
export const TRAP = 'spamtrap@example.com';
export const USER = 'user@example.com';

/** Where the configuration is. */
export const CONFIG = '/etc/trapline/trapline.yaml';

/** One mail server; `start` it, and `remove` it afterwards. */
export class MailServer {
  readonly machine = new Machine(join(RUN, 'installed'));

  /** Boots the machine and starts Trapline with the given configuration (YAML). */
  async start(config: string): Promise<void> {
    this.write(CONFIG, config);
    await this.machine.start();
    await this.must('systemctl', 'enable', '--now', 'trapline');
  }

  /** Writes a file on its disk. */
  write(path: string, text: string): void {
    const place = join(this.machine.disk, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }

  /** Runs a program as root; resolves to its standard output, rejects when it fails. */
  must(...argv: string[]): Promise<string> {
    return this.machine.must(...argv);
  }

  /** Whether the server lets the client in. */
  async letsIn(client: Client): Promise<boolean> {
    return (await smtp(this.machine.hosts.clients, CLIENTS[client])) === 'ok';
  }

  /** A mail from the client; how the session ended. */
  mail(client: Client, to: string): Promise<string> {
    return smtp(this.machine.hosts.clients, CLIENTS[client], { to });
  }

  /** A mail to the trap. Rejects when it is refused: the ban may cut the session short, but not before the hit is logged. */
  async hit(client: Client): Promise<void> {
    const ended = await this.mail(client, TRAP);
    if (!/^(?:ok|blocked)/.test(ended)) throw new Error(`a mail to the trap from ${client} was ${ended}`);
  }

  /** Waits until the client is locked out. */
  lockedOut(client: Client): Promise<void> {
    return until(`${client} is locked out`, async () => !(await this.letsIn(client)));
  }

  /** Waits until the client is let in. */
  letIn(client: Client, deadline?: number): Promise<void> {
    return until(`${client} is let in`, () => this.letsIn(client), deadline);
  }

  /** The bans in force: network -> when it ends. */
  async bans(): Promise<Record<string, string | null>> {
    const rows = JSON.parse(await this.must('trapline', 'bans', '--json')) as { network: string; until: string | null }[];
    return Object.fromEntries(rows.map(({ network, until: end }) => [network, end]));
  }

  /** What the ledger holds, by an SQL query: rows as the sqlite3 shell prints them. */
  async ledger(query: string): Promise<string[]> {
    const rows = await this.must('sqlite3', '-readonly', '/var/lib/trapline/trapline.db', query);
    return rows.split('\n').filter((row) => row !== '');
  }

  /** Waits until so many hits are on record; resolves to how many there are then. */
  async recorded(count: number): Promise<number> {
    const hits = async (): Promise<number> => Number((await this.ledger('SELECT count(*) FROM hits'))[0]);
    await until(`${count} hits are on record`, async () => (await hits()) >= count);
    return hits();
  }

  /** What the firewall holds. */
  firewall(): Promise<string> {
    return this.must('nft', 'list', 'ruleset');
  }

  /** What Trapline has written to its journal, over all boots. */
  said(): Promise<string> {
    return this.must('journalctl', '--quiet', '--output=cat', '--merge', '_SYSTEMD_UNIT=trapline.service');
  }

  /** A property of the unit, as systemd tells it. */
  async unit(property: string): Promise<string> {
    return (await this.must('systemctl', 'show', '--value', '--property', property, 'trapline')).trim();
  }

  /** The process id of the program with that name which runs for Trapline; waits until there is one, and another than `not`. */
  async pid(name: string, not = ''): Promise<string> {
    let found = '';
    await until(`there is a ${name}`, async () => {
      found = (await this.machine.run('pgrep', '--uid', 'trapline', '--exact', name)).stdout.trim();
      return /^\d+$/.test(found) && found !== not;
    });
    return found;
  }

  /** Ends everything and removes the machine. */
  remove(): Promise<void> {
    return this.machine.remove();
  }
}

/** A mail server for the tests of a file: there before the first of them, removed after the last. */
export function useMailServer(config: string): MailServer {
  const server = new MailServer();
  beforeAll(() => server.start(config));
  afterAll(() => server.remove());
  return server;
}
