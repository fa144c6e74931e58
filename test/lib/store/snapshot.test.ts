import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { compile } from '../../support/filters/compile.ts';
import { network } from '../../support/decision/words.ts';
import { banned, LedgerFile, pastOf } from '../../support/ledger/file.ts';

let file: LedgerFile;
let writer: { program: string; remove: () => void };

beforeAll(() => {
  writer = compile(resolve(import.meta.dirname, '../../support/ledger/writer.ts'));
});
afterAll(() => writer.remove());
beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

/** The bytes of the ledger and of its write-ahead log. The index is left out, because readers change it. */
const bytes = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(file.folder)
      .filter((name) => !name.endsWith('-shm'))
      .map((name) => [name, readFileSync(join(file.folder, name), 'hex')]),
  );

/** Runs the writer until its first batch is done, and kills the program. */
async function killWriter(): Promise<void> {
  const child = spawn(process.execPath, [writer.program, file.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
}

describe('a snapshot of the ledger (access "rehearse")', () => {
  it('is empty for a missing file, can be written, and creates no file', () => {
    const ledger = file.open({ access: 'rehearse' });
    expect(ledger.recordStrictly([banned('192.0.2.7')]).bans).toHaveLength(1);
    expect(pastOf(ledger, network('192.0.2.7'), 'spamtrap')?.offences).toBe(1);
    ledger.close();
    expect(existsSync(file.path)).toBe(false);
  });

  it('shows the rows of a closed ledger, and does not change the files of the ledger', () => {
    file.open().recordStrictly([banned('192.0.2.7')]);
    file.close();
    const before = bytes();
    const ledger = file.open({ access: 'rehearse' });
    ledger.recordStrictly([banned('192.0.2.8')]);
    expect(ledger.standing.list()).toHaveLength(2);
    file.close();
    expect(bytes()).toEqual(before);
  });

  it('can be written even if the file cannot be written', () => {
    file.open().recordStrictly([banned('192.0.2.7')]);
    file.close();
    chmodSync(file.path, 0o444);
    const before = statSync(file.path).mode;
    const ledger = file.open({ access: 'rehearse' });
    ledger.recordStrictly([banned('192.0.2.8')]);
    expect(ledger.standing.list()).toHaveLength(2);
    expect(statSync(file.path).mode).toBe(before);
  });

  it('shows all rows that a killed program had recorded, and does not change the files of the ledger', async () => {
    await killWriter();
    const before = bytes();
    const ledger = file.open({ access: 'rehearse' });
    const batches = Number(ledger.cursor('test'));
    expect(batches).toBeGreaterThan(0);
    expect(ledger.counts().hits).toBe(5 * batches);
    ledger.unban('all');
    file.close();
    expect(bytes()).toEqual(before);
  });

  it('shows the rows of a ledger in use, and does not write to that ledger', () => {
    const used = file.open();
    used.recordStrictly([banned('192.0.2.7')]);
    const ledger = file.open({ access: 'rehearse' });
    used.recordStrictly([banned('192.0.2.8')]);
    ledger.unban('all');
    expect([ledger.standing.list().length, used.standing.list().length]).toEqual([0, 2]);
  });

  it('leaves no file in the folder for temporary files', () => {
    file.open().recordStrictly([banned('192.0.2.7')]);
    const temporary = join(file.folder, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    expect(file.open({ access: 'rehearse' }).standing.list()).toHaveLength(1);
    expect(readdirSync(temporary)).toEqual([]);
    vi.unstubAllEnvs();
  });
});
