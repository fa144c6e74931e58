// The context of a command: streams, environment, terminal. Besides, only `trapline run` uses `process` itself.
import { readFileSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { EXIT, messageOf } from '../errors.ts';
import { packagePath } from '../package.ts';
import type { CommandContext, StricliProcess } from '@stricli/core';

/** The value that stricli hands to a command as `this`. */
export interface Context extends CommandContext {
  readonly process: StricliProcess;
  readonly stdin: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True when standard error is a terminal, on which a progress line can be redrawn. */
  readonly terminal: boolean;
  /** True when standard input is a terminal, so that a command that reads it waits for somebody to type. */
  readonly typed: boolean;
  /** Calls `listener` at the next SIGINT (Ctrl-C) instead of ending the program. The second SIGINT ends it. Returns a function that undoes this. */
  readonly onInterrupt: (listener: () => void) => () => void;
  readonly version: string;
  /** After this call, the program continues when standard output or standard error cannot be written to; the text is lost. */
  readonly outliveReaders: () => void;
}

/** The context of the real process. */
export function createContext(): Context {
  let outlives = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (outlives) return;
      // The reader has closed the pipe (`trapline bans | head`).
      if (error.code === 'EPIPE') process.exit();
      if (stream === process.stdout) complain(`trapline: the output cannot be written: ${messageOf(error)}`);
      process.exit(EXIT.unavailable);
    });
  }
  const { stdout, stderr, env } = process;
  return {
    process: { stdout, stderr, env },
    // A getter, because Node opens standard input at the first access, and most commands do not read it.
    get stdin() {
      return process.stdin;
    },
    environment: env,
    terminal: stderr.isTTY,
    get typed() {
      return process.stdin.isTTY;
    },
    onInterrupt: (listener) => {
      process.once('SIGINT', listener);
      return () => void process.off('SIGINT', listener);
    },
    version: readVersion(),
    outliveReaders: () => {
      outlives = true;
    },
  };
}

/** Writes a line to standard error at once, if that is possible. */
function complain(line: string): void {
  try {
    writeSync(process.stderr.fd, `${line}\n`);
  } catch {
    // The message is lost, but the exit code shows the failure.
  }
}

function readVersion(): string {
  const text = readFileSync(packagePath('package.json'), 'utf8');
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : 'unknown';
}
