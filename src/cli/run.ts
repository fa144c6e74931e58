// The door of the command line: finds the command, runs it, turns what it throws into one line and an exit code.
import { buildApplication, buildRouteMap, ExitCode, help, run, text_en, version } from '@stricli/core';
import { EXIT, ExpectedError } from '../errors.ts';
import { printable } from '../lib/printable.ts';
import { backfill } from './backfill.ts';
import { ban } from './ban.ts';
import { bans } from './bans.ts';
import { check } from './check.ts';
import type { Context } from './context.ts';
import { reload } from './reload.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { test } from './test.ts';
import { unban } from './unban.ts';

export { createContext } from './context.ts';

const FORMAT = { useAliasInUsageLine: false, onlyRequiredInUsageLine: true, caseStyle: 'convert-camel-to-kebab' } as const;

/** How far a word may be from a command that it is taken for: a letter too many or too few counts 1, a wrong one 2. */
const DISTANCE = { threshold: 3, weights: { insertion: 1, deletion: 1, substitution: 2, transposition: 0 } } as const;

const root = buildRouteMap<string, Context>({
  routes: { run: start, backfill, ban, unban, bans, status, reload, check, test },
  docs: {
    brief: 'Bans clients that mail a spamtrap',
    fullDescription:
      'Follows the Postfix log, bans clients that mail a spamtrap in the firewall for a while, and lets them go again.',
  },
});

/** Runs one command line (without `node` and the script) and returns the exit code (sysexits(3)). Never rejects. */
export async function runCli(words: readonly string[], context: Context): Promise<number> {
  const application = buildApplication<Context>(
    root,
    {
      name: 'trapline',
      determineExitCode: exitCodeOf,
      scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true, distanceOptions: DISTANCE },
      localization: { text: TEXT },
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

/** What is told of a mistake, on one line whatever was typed or read. */
function lineOf(words: string): string {
  return `trapline: ${printable(words, LONGEST)}`;
}

function textOf(thrown: unknown): string {
  if (thrown instanceof ExpectedError) return lineOf(thrown.message);
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return stack
    .split('\n')
    .map((line) => printable(line, LONGEST))
    .join('\n');
}

/** The longest line (characters). */
const LONGEST = 2000;

const TEXT: typeof text_en = {
  ...text_en,
  noCommandRegisteredForInput: (found) => lineOf(text_en.noCommandRegisteredForInput(found)),
  exceptionWhileParsingArguments: (thrown) => lineOf(text_en.exceptionWhileParsingArguments(thrown, false)),
  exceptionWhileRunningCommand: textOf,
  formatException: textOf,
};
