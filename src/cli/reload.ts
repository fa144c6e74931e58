// `trapline reload`: makes the daemon read its configuration again.
import { buildCommand } from '@stricli/core';
import type { Context } from './context.ts';
import { places, type Places } from './flags.ts';
import { callDaemon } from './open.ts';
import { say } from './print.ts';

/** The command. */
export const reload = buildCommand<Places, [], Context>({
  docs: {
    brief: 'Make the daemon read its configuration again',
    fullDescription:
      'Reads configuration, filters and allow-lists again. A faulty configuration is refused with its place, and the running one goes on.',
  },
  parameters: { flags: { ...places } },
  async func(flags) {
    const controls = await callDaemon(flags);
    await controls.reload();
    say(this.process, 'reloaded');
  },
});
