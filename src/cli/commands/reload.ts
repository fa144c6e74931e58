// `trapline reload`: makes the daemon read its configuration again.
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { places, type Places } from '../flags.ts';
import { callDaemon, commandLog } from '../open.ts';
import { logStopped, refuseStopped, stoppedIn } from '../stopped.ts';
import { say } from '../terminal/print.ts';
import { olderText } from '../terminal/state.ts';

/** The command. */
export const reload = buildCommand<Places, [], Context>({
  docs: {
    brief: 'Make the daemon read its configuration again',
    fullDescription:
      'Reads configuration, filters and allow-lists again. A faulty configuration or filter is refused with the place of the fault, and the daemon keeps its running configuration.',
  },
  parameters: { flags: { ...places } },
  async func(flags) {
    const controls = await callDaemon(flags);
    await controls.reload();
    say(this.process, 'reloaded');
    const status = await controls.status();
    const log = commandLog(this);
    const older = olderText(status.version, this.version);
    if (older !== undefined) log.warn(`${older}; a reload does not replace it, use "systemctl restart trapline"`);
    const stopped = stoppedIn(status);
    logStopped(stopped, log);
    refuseStopped(stopped);
  },
});
