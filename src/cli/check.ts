// `trapline check`: reads configuration, filters, actions and allow-lists and runs all examples, without a daemon and without changing anything.
import { buildCommand } from '@stricli/core';
import { ConfigError } from '../errors.ts';
import { printable } from '../lib/printable.ts';
import type { Context } from './context.ts';
import { json, places, type Places } from './flags.ts';
import { commandLog, readConfig } from './open.ts';
import { counted, say, sayJson } from './print.ts';

interface Flags extends Places {
  readonly json: boolean;
}

/** The command. */
export const check = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Check configuration, filters, actions and all their examples',
    fullDescription:
      'Reads everything that the daemon would read, runs the examples of every filter and action, and says where each fault is.',
  },
  parameters: { flags: { ...places, json } },
  async func(flags) {
    const config = await readConfig(flags);
    const { checkAll } = await import('../daemon/check.ts');
    const checked = await checkAll(config, { log: commandLog(this), clock: Date.now });
    const problems = checked.flatMap((one) => one.problems);
    if (flags.json) sayJson(this.process, { ok: problems.length === 0, checked });
    else {
      for (const one of checked) if (one.problems.length === 0) say(this.process, `${one.name}: ok`);
      for (const problem of problems) say(this.process, printable(problem, 1000));
    }
    if (problems.length > 0) throw new ConfigError(`${counted(problems.length, 'problem')} found, see above`);
  },
});
