#!/usr/bin/env node
// argv -> cli.
import { createContext, runCli } from './cli/run.ts';

// No top-level await: the bundle is CommonJS, see docs/decisions/0009-one-bundle.md.
async function main(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), createContext());
}

void main();
