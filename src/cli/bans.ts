// `trapline bans`: lists the bans in force.
import { buildCommand } from '@stricli/core';
import type { Context } from './context.ts';
import { json, places, type Places } from './flags.ts';
import { listBans } from './open.ts';
import { banTable, say, sayJson } from './print.ts';

interface Flags extends Places {
  readonly json: boolean;
}

/** The command. */
export const bans = buildCommand<Flags, [string?], Context>({
  docs: { brief: 'List the bans in force, all or those inside a network' },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'Only bans inside this network', parse: String, placeholder: 'network', optional: true }],
    },
    flags: { ...places, json },
  },
  async func(flags, within) {
    const rows = await listBans(this, flags, within);
    if (flags.json) return sayJson(this.process, rows);
    say(this.process, rows.length > 0 ? banTable(rows, Date.now()) : 'no bans');
  },
});
