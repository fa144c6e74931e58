import { describe, expect, it } from 'vitest';
import { Novelty, Occurrences } from '../../src/ledger/novelty.ts';
import type { Address } from '../../src/lib/address.ts';
import type { Hit } from '../../src/words/walk.ts';

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
  it('returns every hit of the first file, also a message that occurs twice', () => {
    expect(keysOf(new Novelty().of('one', [hit('a'), hit('a'), hit('b')]))).toBe('aab');
  });

  it('leaves out a hit as often as it occurred in an earlier file', () => {
    const novelty = new Novelty();
    novelty.of('one', [hit('a'), hit('a'), hit('b')]);
    novelty.endOf('one');
    expect(keysOf(novelty.of('two', [hit('a'), hit('a')]))).toBe('');
    expect(keysOf(novelty.of('two', [hit('a'), hit('c'), hit('b')]))).toBe('ac');
    novelty.endOf('two');
    expect(keysOf(novelty.of('three', [hit('a'), hit('a'), hit('a'), hit('c')]))).toBe('');
  });

  it('leaves out the hits of earlier files in the last file too', () => {
    const novelty = new Novelty();
    novelty.of('one', [hit('a'), hit('b')]);
    novelty.endOf('one');
    expect(keysOf(novelty.of('two', [hit('a'), hit('c'), hit('a'), hit('c'), hit('b')], true))).toBe('cac');
  });

  it('returns the same hits when the files are read by turns', () => {
    const novelty = new Novelty();
    const turns = [
      novelty.of('one', [hit('a')]),
      novelty.of('two', [hit('a'), hit('a'), hit('b')]),
      novelty.of('one', [hit('a'), hit('b'), hit('b')]),
      novelty.of('two', [hit('a')]),
    ];
    expect(turns.map(keysOf)).toEqual(['a', 'ab', 'b', 'a']);
  });
});

describe('Occurrences', () => {
  it('counts the occurrences of each message, separately for each jail', () => {
    const run = new Occurrences();
    expect([run.next(hit('a')), run.next(hit('b')), run.next(hit('a')), run.next({ ...hit('a'), jail: 'redirect' })]).toEqual([
      1, 1, 2, 1,
    ]);
  });

  it('remembers half a million messages, and then forgets the older half', () => {
    const run = new Occurrences();
    for (let n = 0; n < 500_000; n += 1) run.next(hit(String(n)));
    expect(run.next(hit('0'))).toBe(2);
    run.next(hit('one more'));
    expect([run.next(hit('249999')), run.next(hit('250000'))]).toEqual([1, 2]);
  });
});
