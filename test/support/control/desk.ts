// Implements `Reports` and `Orders`, the requests of the control socket, without a daemon. Bans and judged hits are kept in memory.
import type { ControlPorts } from '../../../src/control/routes.ts';
import { UsageError } from '../../../src/errors.ts';
import { formatNetwork, networkFaultText, parseNetwork } from '../../../src/lib/address.ts';
import type { BanRow, HitsSummary, Orders, Reports, Status } from '../../../src/words/desk.ts';
import type { Log } from '../../../src/words/ports.ts';
import type { Hit } from '../../../src/words/walk.ts';

/** The summary of a backfill without a hit. */
export const ZERO: HitsSummary = { hits: 0, known: 0, spared: 0, watched: 0, held: 0, bans: 0, set: [] };

/** The state of an idle daemon. */
export const STATUS: Status = {
  version: '0.1.0',
  pid: process.pid,
  host: 'mx1.example.org',
  since: '2026-11-25T00:00:00.000Z',
  config: null,
  ledger: '/var/lib/trapline/trapline.db',
  bans: 0,
  hits: 0,
  unwritten: 0,
  ledgerFault: null,
  sources: [{ name: 'file:/var/log/mail.log', state: 'following', lines: 12, bytes: 3456 }],
  jails: [
    {
      name: 'spamtrap',
      filter: 'postfix-spamtrap',
      stopped: null,
      hits: 0,
      bans: 0,
      spared: 0,
      rules: [{ name: 'recipient', setAside: null }],
    },
  ],
  actions: [{ name: 'nftables', state: 'ok', works: true, blocks: true, owed: 0, lastError: null, since: null, drift: 0 }],
  ineffective: [],
};

/** A log that keeps its lines. */
export function keptLog(): { lines: string[]; log: Log } {
  const lines: string[] = [];
  const at = (level: string) => (text: string) => void lines.push(`${level}: ${text}`);
  return { lines, log: { debug: at('debug'), info: at('info'), notice: at('notice'), warn: at('warn'), error: at('error') } };
}

function read(text: string): string {
  const found = parseNetwork(text);
  if ('fault' in found) throw new UsageError(networkFaultText(text, found));
  return formatNetwork(found.network);
}

function row(network: string, reason = ''): BanRow {
  return { network, jail: 'manual', since: STATUS.since, until: null, offence: 1, origin: 'hand', reason };
}

/** `Reports` and `Orders` in memory, with their bans and hits. */
export interface MemoryDesk extends ControlPorts {
  readonly orders: Orders;
  readonly held: Map<string, BanRow>;
  readonly hits: Hit[];
}

/** Makes `Reports` and `Orders` in memory. A test can replace single methods. */
export function memoryDesk(replaced: Partial<Reports & Orders> = {}): MemoryDesk {
  const held = new Map<string, BanRow>();
  const hits: Hit[] = [];
  const reports: Reports = {
    status: () => ({ ...STATUS, bans: held.size }),
    *bans(within) {
      const range = within === undefined ? undefined : read(within);
      yield [...held.values()].filter(({ network }) => range === undefined || network === range);
    },
  };
  const orders: Orders = {
    ban: async ({ networks, reason }) => {
      const rows = networks.map((text) => row(read(text), reason));
      for (const made of rows) held.set(made.network, made);
      return rows;
    },
    unban: async ({ networks, all }) => {
      const ended = all ? [...held.values()] : networks.flatMap((text) => held.get(read(text)) ?? []);
      for (const { network } of ended) held.delete(network);
      return ended;
    },
    reload: async () => {},
    judge: async (bunches) => {
      for await (const bunch of bunches) hits.push(...bunch);
      return { ...ZERO, hits: hits.length };
    },
  };
  return { held, hits, reports: { ...reports, ...replaced }, orders: { ...orders, ...replaced } };
}

/** Returns the ports of the socket for readers, which has only the `Reports`. */
export function forReaders({ reports }: ControlPorts): ControlPorts {
  return { reports, orders: undefined };
}
