import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { builtInConfig, parseConfig } from '../../src/config/load.ts';
import { configReference, sampleConfig } from '../../src/config/reference.ts';
import { note, span } from '../../src/config/kinds.ts';
import { schema } from '../../src/config/schema.ts';

const written = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The sample without the single "#" before each option. */
const uncommented = sampleConfig().replaceAll(/^# /gm, '');

describe('the reference of the configuration', () => {
  it('matches the schema (if it does not, run "npm run docs")', () => {
    expect(written('docs/configuration.md')).toBe(configReference());
  });

  it('has a row with a sentence for every option', () => {
    const rows = configReference().match(/^\| `.*$/gm) ?? [];
    expect(rows.length).toBeGreaterThan(Object.keys(schema.shape).length);
    for (const row of rows) expect(row).toMatch(/^\| `[a-z0-9_]+` \| \S.* \| .* \| [A-Z].*[.;] \|$/);
  });
});

describe('a row in the reference', () => {
  const rows = configReference().split('\n');
  const rowOf = (key: string): string | undefined => rows.find((row) => row.startsWith(`| \`${key}\` |`));

  it.each([
    ['sync', '| `sync` | span of time | `30s` |'],
    ['mode', "| `mode` | octal digits in quotes, like `'0660'` | `'0660'` |"],
    ['control', '| `control` | mapping, see below |  |'],
    ['bantime_max', '| `bantime_max` | span of time | 24h, or `bantime` if that is longer |'],
    ['ignoreip', '| `ignoreip` | list of addresses, networks and absolute paths of files that list them | `[]` |'],
    ['rules', "| `rules` | mapping of rule names to `true` or `false` | the filter's own |"],
    ['sources', '| `sources` | `auto`, or a list of absolute paths'],
  ])('for %s has the kind and the default of the option', (key, words) => {
    expect(rowOf(key)).toContain(words);
  });

  it('contains the former name of a renamed option', () => {
    const renamed = z.strictObject({
      sync: span()
        .prefault('30s')
        .meta(note('How often.', { formerly: 'interval' })),
    });
    expect(configReference(renamed)).toMatch(
      /\n\| `sync` \| span of time \| `30s` \| How often\. Formerly `interval`, which is still read\. \|\n$/,
    );
  });

  it('is in the table of its section, but only in the table of the defaults if jails inherit the option', () => {
    const headings = rows.filter((row) => row.startsWith('## '));
    expect(headings).toEqual([
      '## Top level',
      '## An entry of sources with `type: file`',
      '## An entry of sources with `type: journal`',
      '## control',
      '## An entry of actions',
      '## defaults',
      '## jails.&lt;name&gt;',
    ]);
    expect(rows.filter((row) => row.startsWith('| `maxretry` |'))).toHaveLength(1);
    expect(rows.filter((row) => row.startsWith('| `sources` |'))).toHaveLength(2);
    expect(rows.findIndex((row) => row.startsWith('| `enabled` |'))).toBeGreaterThan(rows.indexOf('## jails.&lt;name&gt;'));
  });
});

describe('the sample file', () => {
  it('matches the schema (if it does not, run "npm run docs")', () => {
    expect(written('systemd/trapline.yaml')).toBe(sampleConfig());
  });

  it.each([
    ['unchanged', sampleConfig()],
    ['with every option uncommented', uncommented],
  ])('equals the built-in configuration: %s', (_, text) => {
    const { where: _where, file: _file, ...sample } = parseConfig(text, 'trapline.yaml');
    const { where: _builtInWhere, file: _builtInFile, ...builtIn } = builtInConfig();
    expect(sample).toEqual(builtIn);
  });

  it('contains every top-level option', () => {
    for (const key of Object.keys(schema.shape)) expect(uncommented).toMatch(new RegExp(`^${key}:`, 'm'));
  });
});

describe('a line of the sample file', () => {
  const sample = sampleConfig().split('\n');

  it('begins with one "#" for an option with a default, and with two "#" for text that must stay a comment', () => {
    expect(sample).toContain('# sync: 30s');
    expect(sample).toContain("#   mode: '0660'");
    expect(sample).toContain('#   bantime_max: 24h');
    expect(sample).toContain('#     sources: all');
    expect(sample).toContain('##   For example: readers: monitor');
    expect(sample).toContain('##     For example: rules: {client: false}');
  });

  it('is at most 114 characters long', () => {
    expect(Math.max(...sample.map((row) => row.length))).toBeLessThanOrEqual(114);
  });
});
