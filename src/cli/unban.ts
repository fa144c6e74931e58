// `trapline unban`: lifts bans, through the daemon or, when none runs, on its own.
import { buildCommand } from '@stricli/core';
import { UsageError } from '../errors.ts';
import type { Context } from './context.ts';
import { json, places, type Places } from './flags.ts';
import { withControls } from './open.ts';
import { counted, say, sayJson } from './print.ts';

interface Flags extends Places {
  readonly all: boolean;
  readonly json: boolean;
}

/** The command. */
export const unban = buildCommand<Flags, string[], Context>({
  docs: {
    brief: 'Lift bans',
    fullDescription:
      'Lifts every ban inside each ADDRESS or NETWORK, in every jail; with --all, every ban there is. What was lifted stays lifted.',
  },
  parameters: {
    positional: { kind: 'array', parameter: { brief: 'Addresses or networks', parse: String, placeholder: 'network' } },
    flags: { ...places, all: { kind: 'boolean', brief: 'Every ban', default: false, withNegated: false }, json },
  },
  async func(flags, ...networks) {
    if (flags.all === networks.length > 0)
      throw new UsageError('name the networks to unban, or --all for every ban; nothing was lifted');
    const rows = await withControls(this, flags, (controls) => controls.unban({ networks, all: flags.all }));
    if (flags.json) return sayJson(this.process, rows);
    for (const row of rows) say(this.process, `unbanned ${row.network} (${row.jail})`);
    if (rows.length !== 1) say(this.process, `${counted(rows.length, 'ban')} lifted`);
  },
});
