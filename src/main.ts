#!/usr/bin/env node
// argv -> cli.
import { createContext, runCli } from './cli/run.ts';
import { EXIT } from './errors.ts';

// No top-level await, of which Node would tell that it never came: the bundle is CommonJS, see docs/decisions/0009-one-bundle.md.
async function main(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), createContext());
}

// Nothing is left to wait for, and there is no exit code yet.
process.once('beforeExit', () => {
  if (process.exitCode !== undefined) return;
  process.stderr.write('trapline: ended with its work not done, which is a bug\n');
  process.exitCode = EXIT.bug;
});

void main();
