import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtInConfig, parseConfig } from '../../src/config/load.ts';
import { configReference, sampleConfig } from '../../src/config/reference.ts';
import { schema } from '../../src/config/schema.ts';

const written = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The sample with the single "#" taken away from every option. */
const uncommented = sampleConfig().replaceAll(/^# /gm, '');

describe('the reference of the configuration', () => {
  it('is printed from the schema (else run "npm run docs")', () => {
    expect(written('docs/configuration.md')).toBe(configReference());
  });

  it('has a row with a sentence for every option', () => {
    const rows = configReference().match(/^\| `.*$/gm) ?? [];
    expect(rows.length).toBeGreaterThan(Object.keys(schema.shape).length);
    for (const row of rows) expect(row).toMatch(/^\| `[a-z0-9_]+` \| \S.* \| .* \| [A-Z].*[.;] \|$/);
  });
});

describe('the sample file', () => {
  it('is printed from the schema (else run "npm run docs")', () => {
    expect(written('systemd/trapline.yaml')).toBe(sampleConfig());
  });

  it.each([
    ['as it is', sampleConfig()],
    ['with every option taken in', uncommented],
  ])('says what is built in: %s', (_, text) => {
    const { where: _where, file: _file, ...sample } = parseConfig(text, 'trapline.yaml');
    const { where: _builtInWhere, file: _builtInFile, ...builtIn } = builtInConfig();
    expect(sample).toEqual(builtIn);
  });

  it('shows every option of the top level', () => {
    for (const key of Object.keys(schema.shape)) expect(uncommented).toMatch(new RegExp(`^${key}:`, 'm'));
  });
});
