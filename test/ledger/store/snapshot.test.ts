import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { compile } from '../../support/compile.ts';
import { network } from '../../support/decision-words.ts';
import { banned, LedgerFile, pastOf } from '../../support/ledger-file.ts';

let file: LedgerFile;
let writer: { program: string; remove: () => void };

beforeAll(() => {
  writer = compile(resolve(import.meta.dirname, '../../support/ledger-writer.ts'));
});
afterAll(() => writer.remove());
beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

/** The ledger and what stands beside it, byte by byte, but for the index that readers lock. */
const bytes = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(file.folder)
      .filter((name) => !name.endsWith('-shm'))
      .map((name) => [name, readFileSync(join(file.folder, name), 'hex')]),
  );

/** Runs the writer until its first batch is done, and kills it. */
async function killWriter(): Promise<void> {
  const child = spawn(process.execPath, [writer.program, file.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
}

describe('a read-only ledger', () => {
  it('of no file is empty, takes what it is given, and leaves no file', () => {
    const ledger = file.open({ readOnly: true });
    expect(ledger.record([banned('192.0.2.7')])).toHaveLength(1);
    expect(pastOf(ledger, network('192.0.2.7'), 'spamtrap')?.offences).toBe(1);
    ledger.close();
    expect(existsSync(file.path)).toBe(false);
  });

  it('shows a closed ledger and changes nothing of it', () => {
    file.open().record([banned('192.0.2.7')]);
    file.close();
    const before = bytes();
    const ledger = file.open({ readOnly: true });
    ledger.record([banned('192.0.2.8')]);
    expect(ledger.bans()).toHaveLength(2);
    file.close();
    expect(bytes()).toEqual(before);
  });

  it('shows the ledger of a killed program with all that it had recorded, and changes nothing of it', async () => {
    await killWriter();
    const before = bytes();
    const ledger = file.open({ readOnly: true });
    const batches = Number(ledger.cursor('test'));
    expect(batches).toBeGreaterThan(0);
    expect(ledger.counts().hits).toBe(5 * batches);
    ledger.unban('all');
    file.close();
    expect(bytes()).toEqual(before);
  });

  it('shows a ledger in use as it is at this moment, and does not reach it', () => {
    const used = file.open();
    used.record([banned('192.0.2.7')]);
    const ledger = file.open({ readOnly: true });
    used.record([banned('192.0.2.8')]);
    ledger.unban('all');
    expect([ledger.bans().length, used.bans().length]).toEqual([0, 2]);
  });

  it('leaves nothing in the folder for temporary files', () => {
    file.open().record([banned('192.0.2.7')]);
    const temporary = join(file.folder, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    expect(file.open({ readOnly: true }).bans()).toHaveLength(1);
    expect(readdirSync(temporary)).toEqual([]);
    vi.unstubAllEnvs();
  });
});
