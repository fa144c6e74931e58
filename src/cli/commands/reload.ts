// `trapline reload`: makes the daemon read its configuration again.
import { buildCommand } from '@stricli/core';
import { printable } from '../../lib/text/printable.ts';
import type { Context } from '../context.ts';
import { json, places, type Places } from '../flags.ts';
import { callDaemon, commandLog } from '../open.ts';
import { logStopped, refuseStopped, stoppedIn } from '../stopped.ts';
import { say, sayJson } from '../terminal/print.ts';
import { olderText } from '../terminal/state.ts';

interface Flags extends Places {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** The command. */
export const reload = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Make the daemon read its configuration again',
    fullDescription:
      'Reads configuration, filters and allow-lists again. A faulty configuration or filter is refused with the place of the fault, and the daemon keeps its running configuration. Names the changed options that take effect only at the next start of the daemon.',
  },
  parameters: {
    flags: {
      ...places,
      json,
      quiet: { kind: 'boolean', brief: 'Print only warnings and faults', default: false, withNegated: false },
    },
  },
  async func(flags) {
    const controls = await callDaemon(flags);
    await controls.reload();
    const status = await controls.status();
    const stopped = stoppedIn(status);
    const { pending = [] } = status;
    if (flags.json)
      sayJson(this.process, {
        reloaded: true,
        config: status.config,
        stopped: Object.fromEntries(stopped),
        ...(pending.length > 0 && { pending }),
      });
    else if (!flags.quiet) say(this.process, 'reloaded');
    const log = commandLog(this);
    const older = olderText(status.version, this.version);
    if (older !== undefined) log.warn(`${older}; a reload does not replace it, use "systemctl restart trapline"`);
    if (pending.length > 0) {
      const names = pending.map((name) => `"${printable(name)}"`).join(', ');
      log.warn(
        `${names} changed in the configuration; the change takes effect at the next start, use "systemctl restart trapline"`,
      );
    }
    logStopped(stopped, log);
    refuseStopped(stopped);
  },
});
