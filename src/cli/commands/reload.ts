// `trapline reload`: makes the daemon read its configuration again.
import { buildCommand } from '@stricli/core';
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
      'Reads configuration, filters and allow-lists again. A faulty configuration or filter is refused with the place of the fault, and the daemon keeps its running configuration. The log of the daemon names the changed options that take effect only at its next start.',
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
    if (flags.json) sayJson(this.process, { reloaded: true, config: status.config, stopped: Object.fromEntries(stopped) });
    else if (!flags.quiet) say(this.process, 'reloaded');
    const log = commandLog(this);
    const older = olderText(status.version, this.version);
    if (older !== undefined) log.warn(`${older}; a reload does not replace it, use "systemctl restart trapline"`);
    logStopped(stopped, log);
    refuseStopped(stopped);
  },
});
