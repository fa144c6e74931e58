#!/usr/bin/env node
// The entry point of the program: runs the command line on the arguments of the process.
import { createContext, runCli } from './cli/main.ts';
import { EXIT } from './errors.ts';

// The bundle is CommonJS and cannot use top-level await (docs/decisions/0009-one-bundle.md), so the `beforeExit` listener below
// reports a promise that never settles.
async function main(): Promise<void> {
  const code = await runCli(process.argv.slice(2), createContext());
  process.exitCode = code;
  // The program ends even if something keeps the event loop alive. Otherwise systemd would not start a failed daemon again.
  setTimeout(() => process.exit(code), AT_LATEST).unref();
}

/** The program ends this long after its command, even if the event loop is not empty (milliseconds). */
const AT_LATEST = 2_000;

// Without a listener, Node would open a port for a debugger at this signal, through which any local user could run code as this user.
process.on('SIGUSR1', () => {});

// The event loop is empty now. If no exit code is set, a promise of the command never settled.
process.once('beforeExit', () => {
  if (process.exitCode !== undefined) return;
  process.stderr.write('trapline: ended before its work was done, which is a bug\n');
  process.exitCode = EXIT.bug;
});

void main();
