// The process as a whole: what it exits with.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, MAIN } from './support/e2e-daemon.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-main-'));

/** Standard input that never says anything, and that nothing waits for either. */
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

  it('is that of the command', () => {
    expect(run(MAIN, '--version')).toEqual({ code: 0, said: '' });
    expect(run(MAIN, 'ban', '-').code).toBe(64);
  });

  it('is no success when a command waits for what cannot come', () => {
    const preload = join(folder, 'dead-input.cjs');
    writeFileSync(preload, DEAD_INPUT);
    const { code, said } = run('--require', preload, MAIN, 'ban', '-');
    expect(code).toBe(1);
    expect(said).toBe('trapline: ended with its work not done, which is a bug\n');
  });
});
