import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkFilterFile } from '../src/filters/match.ts';
import { FILTERS } from './support/filters/lines.ts';
import { refusalOf } from './support/filters/patterns.ts';
import { CHECKOUT } from './support/source-tree.ts';

const files = readdirSync(FILTERS).filter((file) => file.endsWith('.yaml'));

describe.each(files)('filters/%s', (file) => {
  const { filter, problems } = checkFilterFile(join(FILTERS, file));

  it('passes its own examples', () => {
    expect(problems).toEqual([]);
  });

  it('has the name of its file', () => {
    expect(filter.name).toBe(basename(file, '.yaml'));
  });

  it('has an example of a hit of its first enabled rule, and an example that is no hit', () => {
    const first = filter.rules.find((rule) => rule.on)?.name;
    expect(filter.examples.some((example) => example.expected?.rule === first)).toBe(true);
    expect(filter.examples.some((example) => example.expected === undefined)).toBe(true);
  });

  it('has one literal of at least eight bytes for the search', () => {
    expect(filter.literals).toHaveLength(1);
    expect(filter.literals[0]?.length).toBeGreaterThanOrEqual(8);
  });
});

describe('docs/filters.md', () => {
  const text = readFileSync(join(CHECKOUT, 'docs/filters.md'), 'utf8');

  it('contains a filter that passes every check', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trapline-docs-'));
    const [, yaml = ''] = /```yaml\n(name: [^]*?)```/.exec(text) ?? [];
    writeFileSync(join(folder, 'dovecot-trap.yaml'), yaml);
    const { filter, problems } = checkFilterFile(join(folder, 'dovecot-trap.yaml'));
    rmSync(folder, { recursive: true });
    expect(problems).toEqual([]);
    expect(filter.examples.map(({ expected }) => expected?.address)).toEqual(['192.0.2.1', undefined]);
  });

  it('contains the message that refuses a pattern for which a client can forge a line', () => {
    const [, shown = ''] = /```\nown\.yaml:5:35: ([^]*?); filter not loaded\n```/.exec(text) ?? [];
    const pattern = '^<prefix>login name=[A-Za-z0-9.-]+ client=<client>, failed';
    expect(refusalOf(pattern)).toBe(`20: ${shown.replaceAll('\n', ' ')}`);
  });

  it('is right that a pattern must end with "$" if a setting before the address is a word that clients send', () => {
    const settings = { text: 'root' };
    expect(refusalOf('^<prefix:sshd>Failed password for <text> from <address> port <number> ssh2', settings)).toContain(
      'variable piece "<text>"',
    );
    expect(refusalOf('^<prefix:sshd>Failed password for <text> from <address> port <number> ssh2$', settings)).toBe('accepted');
  });
});
