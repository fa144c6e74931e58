import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, MAIN } from '../../support/e2e/daemon.ts';

const LINE = '2026-11-25T08:15:02+00:00 mx postfix/smtpd[1]: connect from unknown[203.0.113.101]';

describe('the compiler of V8 during a backfill', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-compiler-'));
  beforeAll(() => compile(), 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a command that reads a log, on a Node that reports another version and prints the flags that it gets. */
  const flagsOn = (node: string): string => {
    const preload = join(folder, `node-${node}.cjs`);
    writeFileSync(
      preload,
      `Object.defineProperty(process.versions, 'node', { value: '${node}' });
       require('node:v8').setFlagsFromString = (flag) => process.stderr.write(flag);`,
    );
    return spawnSync(process.execPath, ['--require', preload, MAIN, 'test', LINE], { encoding: 'utf8' }).stderr;
  };

  it.each(['20.19.0', '20.20.2'])('gets a flag on Node %s, which has the flag', (node) => {
    expect(flagsOn(node)).toMatch(/^--interrupt-budget=\d+$/);
  });

  it.each(['22.12.0', '24.1.0', '200.0.0'])('gets no flag on Node %s, which would print an error', (node) => {
    expect(flagsOn(node)).toBe('');
  });

  it('prints no error on this Node', () => {
    expect(execFileSync(process.execPath, [MAIN, 'test', LINE], { encoding: 'utf8', stdio: 'pipe' })).toContain('1 line');
    expect(spawnSync(process.execPath, [MAIN, 'test', LINE], { encoding: 'utf8' }).stderr).toBe('');
  });
});
