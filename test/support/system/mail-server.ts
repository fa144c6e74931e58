// The mail server of a test. It is a machine that was set up as the README describes. Methods send mails to it and return the state of Trapline.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { smtp } from '../e2e/client.ts';
import { CLIENTS } from '../e2e/hosts.ts';
import { until } from '../until.ts';
import { Machine, RUN } from './machine.ts';

/** The name of a client. */
export type Client = keyof typeof CLIENTS;

/** The spamtrap, which is no user, and the address of a user. */
export const TRAP = 'spamtrap@example.com';
export const USER = 'user@example.com';

/** The path of the configuration. */
export const CONFIG = '/etc/trapline/trapline.yaml';

/** One mail server. Call `start` before its use and `remove` afterwards. */
export class MailServer {
  readonly machine: Machine;

  /** Makes a server with a copy of the disk `from`; by default this is the disk of a machine that was set up as the README describes. */
  constructor(from = join(RUN, 'installed')) {
    this.machine = new Machine(from);
  }

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

  /** Runs a program as root. Resolves to its standard output, and rejects when it fails. */
  must(...argv: string[]): Promise<string> {
    return this.machine.must(...argv);
  }

  /** Resolves to true if the server accepts the client on the port. */
  async letsIn(client: Client, port = 25): Promise<boolean> {
    return (await smtp(this.machine.hosts.clients, CLIENTS[client], { port })) === 'ok';
  }

  /** Sends a mail from the client. Resolves to the result of the session. */
  mail(client: Client, to: string): Promise<string> {
    return smtp(this.machine.hosts.clients, CLIENTS[client], { to });
  }

  /** Sends a mail to the trap. Rejects when the mail is refused. The ban may cut the session, but only after the hit was logged. */
  async hit(client: Client): Promise<void> {
    const ended = await this.mail(client, TRAP);
    if (!/^(?:ok|blocked)/.test(ended)) throw new Error(`a mail to the trap from ${client} was ${ended}`);
  }

  /** Waits until the firewall blocks the client. */
  lockedOut(client: Client, port?: number): Promise<void> {
    return until(`${client} is locked out`, async () => !(await this.letsIn(client, port)));
  }

  /** Waits until the server accepts the client. */
  letIn(client: Client, { deadline, port }: { readonly deadline?: number; readonly port?: number } = {}): Promise<void> {
    return until(`${client} is let in`, () => this.letsIn(client, port), deadline);
  }

  /** The bans in force, with the end of the ban for each network. */
  async bans(): Promise<Record<string, string | null>> {
    const rows = JSON.parse(await this.must('trapline', 'bans', '--json')) as { network: string; until: string | null }[];
    return Object.fromEntries(rows.map(({ network, until: end }) => [network, end]));
  }

  /** Queries the ledger. Resolves to the rows as the sqlite3 shell prints them. */
  async ledger(query: string): Promise<string[]> {
    const rows = await this.must('sqlite3', '-readonly', '/var/lib/trapline/trapline.db', query);
    return rows.split('\n').filter((row) => row !== '');
  }

  /** Waits until at least `count` hits are recorded. Resolves to the number of recorded hits. */
  async recorded(count: number): Promise<number> {
    const hits = async (): Promise<number> => Number((await this.ledger('SELECT count(*) FROM hits'))[0]);
    await until(`${count} hits are on record`, async () => (await hits()) >= count);
    return hits();
  }

  /** The rules and sets of nftables. */
  firewall(): Promise<string> {
    return this.must('nft', 'list', 'ruleset');
  }

  /** The lines that Trapline has logged in the journal, in all boots. */
  said(): Promise<string> {
    return this.must('journalctl', '--quiet', '--output=cat', '--merge', '_SYSTEMD_UNIT=trapline.service');
  }

  /** The value of a property of the unit in systemd. */
  async unit(property: string): Promise<string> {
    return (await this.must('systemctl', 'show', '--value', '--property', property, 'trapline')).trim();
  }

  /** Waits for a program of the user trapline with this name and a process id other than `not`. Resolves to its process id. */
  async pid(name: string, not = ''): Promise<string> {
    let found = '';
    await until(`${name} runs`, async () => {
      found = (await this.machine.run('pgrep', '--uid', 'trapline', '--exact', name)).stdout.trim();
      return /^\d+$/.test(found) && found !== not;
    });
    return found;
  }

  /** Ends all programs and removes the machine. */
  remove(): Promise<void> {
    return this.machine.remove();
  }
}

/** Makes a mail server for the tests of a file. It is booted before the first test, and removed after the last test. */
export function useMailServer(config: string): MailServer {
  const server = new MailServer();
  beforeAll(() => server.start(config));
  afterAll(() => server.remove());
  return server;
}
