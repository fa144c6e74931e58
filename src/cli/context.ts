// What a command may touch of the world: streams, environment, terminal. Everything of `process` that commands use is named here.
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { packagePath } from '../package.ts';
import type { CommandContext, StricliProcess } from '@stricli/core';

/** What stricli hands to a command as `this`. */
export interface Context extends CommandContext {
  readonly process: StricliProcess;
  readonly stdin: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True when standard error is a terminal, on which a line can be drawn again. */
  readonly terminal: boolean;
  readonly version: string;
}

/** The context of the real process. */
export function createContext(): Context {
  // A reader that has gone (`trapline bans | head`) ends the output without a stack.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
  const { stdout, stderr, env } = process;
  return {
    process: { stdout, stderr, env },
    // Made when it is asked for: most commands read nothing.
    get stdin() {
      return process.stdin;
    },
    environment: env,
    terminal: stderr.isTTY,
    version: readVersion(),
  };
}

function readVersion(): string {
  const text = readFileSync(packagePath('package.json'), 'utf8');
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : 'unknown';
}
