// Runs a command line in this process and keeps what it printed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runCli } from '../../src/cli/run.ts';

/** What a command left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `trapline WORDS...` with `input` on standard input. */
export async function trapline(words: readonly string[], input = ''): Promise<Ran> {
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
    version: '0.0.0',
  });
  return { code, ...written };
}

/** A folder of its own for one test file, with paths for a ledger and a socket in it. */
export function scratchPlace(): { folder: string; at: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-cli-'));
  return { folder, at: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
