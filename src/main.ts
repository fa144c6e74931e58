#!/usr/bin/env node
// argv -> cli.
import { createContext, runCli } from './cli/run.ts';

process.exitCode = await runCli(process.argv.slice(2), createContext());
