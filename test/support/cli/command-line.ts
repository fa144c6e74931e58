// Runs a command line in this process and keeps its output.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Context } from '../../../src/cli/context.ts';
import { runCli } from '../../../src/cli/main.ts';

/** The exit code and output of a command. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The parts of the context of a command that a test can change. */
export type Surroundings = Partial<Pick<Context, 'terminal' | 'typed' | 'stdin' | 'onInterrupt' | 'version'>>;

/** Runs `trapline WORDS...` with `input` on standard input. */
export async function trapline(words: readonly string[], input = '', surroundings: Surroundings = {}): Promise<Ran> {
  const written = { out: '', err: '' };
  const code = await runCli(words, {
    process: {
      stdout: { write: (text) => void (written.out += text) },
      stderr: { write: (text) => void (written.err += text) },
      env: { STRICLI_NO_COLOR: '1' },
    },
    stdin: Readable.from([Buffer.from(input)]),
    environment: {},
    terminal: false,
    typed: false,
    version: '0.0.0',
    outliveReaders() {},
    onInterrupt: () => () => {},
    ...surroundings,
  });
  return { code, ...written };
}

/** Makes a folder for one test file. `at` returns the path of a file in it. */
export function scratchPlace(): { folder: string; at: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-cli-'));
  return { folder, at: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
