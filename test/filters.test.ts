import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkFilterFile } from '../src/filters/match.ts';
import { FILTERS } from './support/filters-lines.ts';

const files = readdirSync(FILTERS).filter((file) => file.endsWith('.yaml'));

describe.each(files)('filters/%s', (file) => {
  const { filter, problems } = checkFilterFile(join(FILTERS, file));

  it('finds in its examples what they say', () => {
    expect(problems).toEqual([]);
  });

  it('is found by its name', () => {
    expect(filter.name).toBe(basename(file, '.yaml'));
  });

  it('has an example for the plain hit of its first counting rule, and one that is none', () => {
    const first = filter.rules.find((rule) => rule.on)?.name;
    expect(filter.examples.some((example) => example.expected?.rule === first)).toBe(true);
    expect(filter.examples.some((example) => example.expected === undefined)).toBe(true);
  });

  it('is searched for with one literal of eight bytes or more', () => {
    expect(filter.literals).toHaveLength(1);
    expect(filter.literals[0]?.length).toBeGreaterThanOrEqual(8);
  });
});
