// The entry point of the command line: finds the command, runs it, and turns an error into one line and an exit code.
import { buildApplication, buildRouteMap, ExitCode, help, run, text_en, version, type Command } from '@stricli/core';
import { ConfigError, EXIT, ExpectedError } from '../errors.ts';
import { printable } from '../lib/text/printable.ts';
import { backfill } from './commands/backfill.ts';
import { ban } from './commands/ban.ts';
import { bans } from './commands/bans.ts';
import { check } from './commands/check.ts';
import type { Context } from './context.ts';
import { withHelp, withRootHelp } from './help.ts';
import { noCommandText, refusalText } from './refusal.ts';
import { reload } from './commands/reload.ts';
import { start } from './commands/run.ts';
import { status } from './commands/status.ts';
import { test } from './commands/test.ts';
import { unban } from './commands/unban.ts';

export { createContext } from './context.ts';

const FORMAT = { useAliasInUsageLine: false, onlyRequiredInUsageLine: true, caseStyle: 'convert-camel-to-kebab' } as const;

const COMMANDS: Readonly<Record<string, Command<Context>>> = {
  run: start,
  backfill,
  ban,
  unban,
  bans,
  status,
  reload,
  check,
  test,
};

const root = withRootHelp(
  buildRouteMap<string, Context>({
    routes: Object.fromEntries(Object.entries(COMMANDS).map(([name, command]) => [name, withHelp(name, command)])),
    docs: {
      brief: 'Bans clients that mail a spamtrap',
      fullDescription:
        'Follows the Postfix log, bans clients that mail a spamtrap in the firewall, and lifts each ban when its time is over.',
    },
  }),
);

/** Runs one command line (without `node` and the script) and returns the exit code (sysexits(3)). Never rejects. */
export async function runCli(given: readonly string[], context: Context): Promise<number> {
  // `trapline help` and `trapline help COMMAND` print the texts of `--help`.
  const words = given[0] === 'help' ? [...given.slice(1, 2), '--help'] : given;
  const application = buildApplication<Context>(
    root,
    {
      name: 'trapline',
      determineExitCode: exitCodeOf,
      scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
      localization: { text: textFor(words[0] ?? '') },
    },
    {
      help: help({ brief: 'Print help and exit', defaultForRouteMap: true, formatting: FORMAT }),
      version: version({ brief: 'Print the version and exit', info: { currentVersion: context.version } }),
    },
  );
  await run(application, words, context);
  const { exitCode } = context.process;
  if (exitCode === ExitCode.UnknownCommand || exitCode === ExitCode.InvalidArgument) return EXIT.usage;
  return typeof exitCode === 'number' && exitCode >= 0 ? exitCode : EXIT.bug;
}

function exitCodeOf(thrown: unknown): number {
  return thrown instanceof ExpectedError ? thrown.exitCode : EXIT.bug;
}

/** Formats an error message as one line of printable characters. */
function lineOf(words: string): string {
  return `trapline: ${printable(words, LONGEST)}`;
}

function textOf(thrown: unknown): string {
  if (thrown instanceof ConfigError && thrown.all.length > 1) return lineOf(`${thrown.message}, see "trapline check"`);
  if (thrown instanceof ExpectedError) return lineOf(thrown.message);
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return stack
    .split('\n')
    .map((line) => printable(line, LONGEST))
    .join('\n');
}

/** The longest line of an error message (characters). */
const LONGEST = 2000;

/** The messages of stricli, in the words of this program. `name` is the first word of the command line. */
function textFor(name: string): typeof text_en {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return {
    ...text_en,
    noCommandRegisteredForInput: ({ input }) => lineOf(noCommandText(input, Object.keys(COMMANDS))),
    exceptionWhileParsingArguments: (thrown) => (command ? lineOf(refusalText(thrown, { name, command })) : textOf(thrown)),
    exceptionWhileRunningCommand: textOf,
    formatException: textOf,
  };
}
