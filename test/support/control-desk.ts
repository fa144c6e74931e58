// A daemon's side of the control socket without the daemon: Controls that keep bans in memory and remember what they were asked.
import { UsageError } from '../../src/errors.ts';
import { formatNetwork, networkFaultText, parseNetwork } from '../../src/lib/address.ts';
import type { BanRow, Controls, Hit, HitsSummary, Log, Status } from '../../src/types.ts';

/** What no hits at all come to. */
export const ZERO: HitsSummary = { hits: 0, known: 0, spared: 0, watched: 0, held: 0, bans: 0, set: [] };

/** The state that an idle daemon shows. */
export const STATUS: Status = {
  version: '0.1.0',
  pid: process.pid,
  since: '2026-11-25T00:00:00.000Z',
  config: null,
  ledger: '/var/lib/trapline/trapline.db',
  bans: 0,
  hits: 0,
  unwritten: 0,
  sources: [{ name: 'file:/var/log/mail.log', state: 'following', lines: 12, bytes: 3456 }],
  jails: [
    { name: 'spamtrap', filter: 'postfix-spamtrap', hits: 0, bans: 0, spared: 0, rules: [{ name: 'recipient', setAside: null }] },
  ],
  actions: [{ name: 'nftables', state: 'ok', owed: 0, lastError: null, drift: 0 }],
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

/** Controls in memory; single ones can be replaced. */
export function deskControls(
  replaced: Partial<Controls> = {},
): Controls & { readonly held: Map<string, BanRow>; readonly hits: Hit[] } {
  const held = new Map<string, BanRow>();
  const hits: Hit[] = [];
  return {
    held,
    hits,
    status: () => ({ ...STATUS, bans: held.size }),
    bans: (within) => {
      const range = within === undefined ? undefined : read(within);
      return [...held.values()].filter(({ network }) => range === undefined || network === range);
    },
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
    ...replaced,
  };
}
