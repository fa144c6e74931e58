// Tests the exit codes of the whole process.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, MAIN } from './support/e2e/daemon.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-main-'));

/** A standard input that never gives data and does not keep the event loop alive. */
const DEAD_INPUT = `
const dead = { setEncoding: () => dead, [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
Object.defineProperty(process, 'stdin', { get: () => dead });
`;

function run(...words: readonly string[]): { code: number | null; said: string } {
  const { status, stderr } = spawnSync(process.execPath, [...words], { encoding: 'utf8', input: '' });
  return { code: status, said: stderr };
}

describe('the exit code', () => {
  beforeAll(() => compile(), 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is the exit code of the command', () => {
    expect(run(MAIN, '--version')).toEqual({ code: 0, said: '' });
    expect(run(MAIN, 'ban', '-').code).toBe(64);
  });

  it('is 1, and a bug is reported, when a command waits for a promise that never settles', () => {
    const preload = join(folder, 'dead-input.cjs');
    writeFileSync(preload, DEAD_INPUT);
    const { code, said } = run('--require', preload, MAIN, 'ban', '-');
    expect(code).toBe(1);
    expect(said).toBe('trapline: ended before its work was done, which is a bug\n');
  });

  it('is the exit code of a failed command, even when a timer keeps the event loop alive', () => {
    const preload = join(folder, 'busy.cjs');
    writeFileSync(preload, 'setInterval(() => {}, 1000);');
    expect(run('--require', preload, MAIN, 'ban', '-').code).toBe(64);
  });
});
