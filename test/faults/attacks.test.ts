import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

const ATTACKS = join(import.meta.dirname, '..', '..', 'bench', 'attacks');

const categories = readdirSync(ATTACKS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'lib')
  .map(({ name }) => name);

describe('the attacks', () => {
  it.each(categories)('are at least thirty for %s, each with a comment that describes it', (category) => {
    const scripts = readdirSync(join(ATTACKS, category)).filter((name) => name.endsWith('.mjs'));
    expect(scripts.length).toBeGreaterThanOrEqual(30);
    for (const script of scripts) expect(readFileSync(join(ATTACKS, category, script), 'utf8')).toMatch(/^\/\/ [^\n]{10,}\n/);
  });
});

describe.runIf(root)('the first attack', () => {
  beforeAll(() => compile(), 120_000);

  it.each(categories)('of the category %s breaks no promise', { timeout: 180_000 }, (category) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ATTACKS, 'run.mjs'), '--draw', '1', category], {
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`).not.toContain('BROKEN');
    expect(status).toBe(0);
  });
});
