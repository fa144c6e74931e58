// `trapline bans`: lists the bans in force.
import { buildCommand } from '@stricli/core';
import type { Config } from '../../config/load.ts';
import type { Context } from '../context.ts';
import { printable } from '../../lib/text/printable.ts';
import { json, places, type Places } from '../flags.ts';
import { commandLog, listBans } from '../open.ts';
import { refuseOwed } from '../terminal/owed.ts';
import { banTable, say, sayJson } from '../terminal/print.ts';

interface Flags extends Places {
  readonly json: boolean;
}

/** The note when no daemon answers. */
function aloneText({ control, state }: Config): string {
  return `${printable(control.socket)}: no daemon answers; this list is from the ledger ${printable(state)}, and no firewall was asked`;
}

/** The command. */
export const bans = buildCommand<Flags, [string?], Context>({
  docs: {
    brief: 'List all bans in force, or the bans of a network',
    fullDescription:
      'Lists the bans in force. With ADDRESS or NETWORK, lists only the bans inside it and the bans of networks that contain it. The address of an IPv6 client thus finds the ban of its /64. Ends with exit code 69 when a firewall does not hold a listed ban.',
    customUsage: ['[network]'],
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          brief: 'Only bans inside this network, and bans of networks that contain it',
          parse: String,
          placeholder: 'network',
          optional: true,
        },
      ],
    },
    flags: { ...places, json },
  },
  async func(flags, within) {
    const rows = await listBans(this, flags, within, (config) => commandLog(this).warn(aloneText(config)));
    if (flags.json) sayJson(this.process, rows);
    else say(this.process, rows.length > 0 ? banTable(rows, Date.now()) : 'no bans');
    refuseOwed(rows, 'bans');
  },
});
