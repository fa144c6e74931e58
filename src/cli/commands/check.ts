// `trapline check`: reads configuration, filters, actions and allow-lists and runs all examples, asks each firewall and opens each source. It
// needs no daemon and changes nothing.
import { buildCommand } from '@stricli/core';
import type { Checked, Kind } from '../../daemon/alone/check.ts';
import { ConfigError, EXIT } from '../../errors.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Context } from '../context.ts';
import { json, places, type Places } from '../flags.ts';
import { commandLog, readConfig } from '../open.ts';
import { counted, say, sayJson } from '../terminal/print.ts';

interface Flags extends Places {
  readonly filesOnly: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
}

/** The longest line about a problem (characters). */
const LONGEST = 2000;

/** The command. */
export const check = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Check configuration, filters, actions, firewall and sources',
    fullDescription:
      'Reads everything that the daemon would read, runs the examples of every filter and action, asks each firewall whether it would take bans, and opens each source. Prints each fault with its place, and changes nothing.',
  },
  parameters: {
    flags: {
      ...places,
      filesOnly: {
        kind: 'boolean',
        brief: 'Do not ask the firewalls, and do not open the sources',
        default: false,
        withNegated: false,
      },
      verbose: { kind: 'boolean', brief: 'Print a line for each file and setting', default: false, withNegated: false },
      json,
    },
  },
  async func(flags) {
    const checked = await checkedOf(this, flags);
    const problems = checked.flatMap((one) => one.problems);
    if (flags.json) {
      sayJson(this.process, { ok: problems.length === 0, checked });
      // The problems are in the JSON, so there is no message about them.
      if (problems.length > 0) this.process.exitCode = EXIT.config;
      return;
    }
    for (const one of checked) if (flags.verbose && one.problems.length === 0) say(this.process, `${nameOf(one)}: ok`);
    for (const { notes = [] } of checked) for (const note of notes) say(this.process, `note: ${printable(note, LONGEST)}`);
    for (const problem of problems) say(this.process, printable(problem, LONGEST));
    if (problems.length > 0) throw new ConfigError(`${counted(problems.length, 'problem')} found, see above`);
    say(this.process, summaryText(checked));
  },
});

/** Checks everything. A configuration that cannot be read is the only thing that was checked then. */
async function checkedOf(context: Context, flags: Flags): Promise<readonly Checked[]> {
  const { checkAll, unreadableConfig } = await import('../../daemon/alone/check.ts');
  try {
    const asking = { live: !flags.filesOnly, root: process.geteuid?.() === 0 };
    return await checkAll(await readConfig(flags), { log: commandLog(context), clock: Date.now }, asking);
  } catch (thrown) {
    // A missing permission keeps its own exit code.
    if (!(thrown instanceof ConfigError) || (thrown.exitCode !== EXIT.config && !flags.json)) throw thrown;
    return [unreadableConfig(flags.config ?? 'configuration', thrown)];
  }
}

/** Returns the last line, such as `configuration, 3 filters, 5 actions: ok`. */
function summaryText(checked: readonly Checked[]): string {
  const count = (kind: Kind): number => checked.filter((one) => one.kind === kind).length;
  const parts = ['configuration', counted(count('filter'), 'filter'), counted(count('action'), 'action')];
  return `${parts.join(', ')}: ok`;
}

function nameOf({ kind, name }: Checked): string {
  return kind === 'firewall' || kind === 'source' ? `${kind} ${name}` : name;
}
