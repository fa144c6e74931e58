// `trapline unban`: lifts bans, through the daemon or, when no daemon runs, in this program.
import { buildCommand } from '@stricli/core';
import { UsageError } from '../../errors.ts';
import { containsNetwork, formatNetwork, parseNetwork, type Network } from '../../lib/address.ts';
import type { BanRow } from '../../words/desk.ts';
import { callerOf } from '../caller.ts';
import type { Context } from '../context.ts';
import { json, places, type Places } from '../flags.ts';
import { listBans, withControls } from '../open.ts';
import { refuseOwed } from '../terminal/owed.ts';
import { counted, nameOf, say, sayJson } from '../terminal/print.ts';

interface Flags extends Places {
  readonly all: boolean;
  readonly forgive: boolean;
  readonly json: boolean;
}

/** The maximum number of networks without a ban that are named, one on each line. */
const MOST_NAMED = 10;

/** The command. */
export const unban = buildCommand<Flags, string[], Context>({
  docs: {
    brief: 'Lift bans',
    fullDescription:
      'Lifts every ban inside each ADDRESS or NETWORK, in every jail. With --all, lifts every ban. Reading an old log again does not restore a ban that was lifted. An unban leaves the hits and past offences of the client on record: its next hit bans it again, and for longer, as after a ban that has ended. With --forgive, its past offences are forgotten, and its next hit counts as the first. To keep an address from being banned at all, add it to ignoreip. Ends with exit code 69 when a firewall still blocks a network that was unbanned.',
  },
  parameters: {
    positional: { kind: 'array', parameter: { brief: 'Addresses or networks', parse: String, placeholder: 'network' } },
    flags: {
      ...places,
      all: { kind: 'boolean', brief: 'Lift every ban', default: false, withNegated: false },
      forgive: {
        kind: 'boolean',
        brief: 'Forget past offences too, also of an address that is not banned any more',
        default: false,
        withNegated: false,
      },
      json,
    },
  },
  async func(flags, ...networks) {
    if (flags.all === networks.length > 0)
      throw new UsageError('name the networks to unban, or --all for every ban; nothing was lifted');
    const { all, forgive } = flags;
    const request = { networks, all, by: callerOf(this), ...(forgive ? { forgive } : {}) };
    const rows = await withControls(this, flags, (controls) => controls.unban(request));
    if (flags.json) sayJson(this.process, rows);
    else {
      const forgiven = forgive ? '; its past offences are forgotten' : '';
      for (const row of rows) say(this.process, `unbanned ${nameOf(row)} (${row.jail})${forgiven}`);
      if (rows.length > 1) say(this.process, `${counted(rows.length, 'ban')} lifted`);
      if (all && rows.length === 0) say(this.process, 'no bans');
      const list = (network: string): Promise<readonly BanRow[]> => listBans(this, flags, network);
      for (const line of await unliftedLines(networks, rows, list)) say(this.process, `${line}${forgiven}`);
    }
    refuseOwed(rows, 'lifted');
  },
});

/** One line for each requested network of which no ban was lifted: it is not banned, or only as a part of another network. */
async function unliftedLines(
  networks: readonly string[],
  rows: readonly BanRow[],
  list: (network: string) => Promise<readonly BanRow[]>,
): Promise<readonly string[]> {
  const lifted = rows.flatMap(({ network, client }) => [readNetwork(network) ?? [], readNetwork(client ?? '') ?? []].flat());
  const rest = networks
    .flatMap((word) => readNetwork(word) ?? [])
    .filter((range) => !lifted.some((one) => containsNetwork(range, one)));
  const lines: string[] = [];
  for (const range of rest.slice(0, MOST_NAMED)) {
    const name = formatNetwork(range);
    const [wider] = await list(name);
    lines.push(wider ? `${name} is banned as a part of ${wider.network}, unban that network` : `${name} is not banned`);
  }
  const more = rest.length - lines.length;
  return [...lines, ...(more > 0 ? [`no ban was lifted in ${counted(more, 'more network')}`] : [])];
}

function readNetwork(word: string): Network | undefined {
  const read = parseNetwork(word);
  return 'network' in read ? read.network : undefined;
}
