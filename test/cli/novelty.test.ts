import { describe, expect, it } from 'vitest';
import { Novelty } from '../../src/cli/novelty.ts';
import type { Address } from '../../src/lib/address.ts';
import type { Hit } from '../../src/types.ts';

const hit = (key: string): Hit => ({
  jail: 'spamtrap',
  rule: 'recipient',
  address: '203.0.113.7' as Address,
  at: 0,
  key,
  fields: {},
});

const keysOf = (hits: readonly Hit[]): string => hits.map(({ key }) => key).join('');

describe('Novelty', () => {
  it('passes on every hit of one file, also the same message twice', () => {
    const novelty = new Novelty();
    novelty.nextFile();
    expect(keysOf(novelty.of([hit('a'), hit('a'), hit('b')]))).toBe('aab');
  });

  it('leaves out what a file before had, as often as that file had it', () => {
    const novelty = new Novelty();
    novelty.nextFile();
    novelty.of([hit('a'), hit('a'), hit('b')]);
    novelty.nextFile();
    expect(keysOf(novelty.of([hit('a'), hit('a')]))).toBe('');
    expect(keysOf(novelty.of([hit('a'), hit('c'), hit('b')]))).toBe('ac');
    novelty.nextFile();
    expect(keysOf(novelty.of([hit('a'), hit('a'), hit('a'), hit('c')]))).toBe('');
  });

  it('does the same for the last file', () => {
    const novelty = new Novelty();
    novelty.nextFile();
    novelty.of([hit('a'), hit('b')]);
    novelty.nextFile(true);
    expect(keysOf(novelty.of([hit('a'), hit('c'), hit('a'), hit('c'), hit('b')]))).toBe('cac');
  });
});
