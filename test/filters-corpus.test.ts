import { describe, expect, it } from 'vitest';
import type { Hit } from '../src/words/walk.ts';
import { batchOf, corpusNames, matcherOf, readCorpus, shipped, type Expected } from './support/filters/lines.ts';

type Outcome = 'found' | 'missed' | 'wrong address' | 'wrong rule' | 'none' | 'own address' | 'invented' | 'forged by a local user';

/** Compares the hit in a line with the label of the line: hit, no hit, or ambiguous. A hit in an ambiguous line must name the line's own client. */
function outcomeOf(expected: Expected, hit: Hit | undefined): Outcome {
  const own = expected.ip ?? expected.lenient_ip ?? expected.peer;
  if (expected.undecidable) return hit ? 'forged by a local user' : 'none';
  if (expected.hit && hit && hit.rule !== 'recipient') return 'wrong rule';
  if (expected.hit || expected.lenient_hit) return !hit ? 'missed' : hit.address === own ? 'found' : 'wrong address';
  if (!hit) return 'none';
  return expected.ambiguous && hit.address === own ? 'own address' : 'invented';
}

const spamtrap = shipped('postfix-spamtrap');

/** The expected counts for each group of the corpus. A group has these counts in every format. */
const HITS: Readonly<Record<string, { found: number; own?: number; forged?: number }>> = {
  'attack-chars': { found: 9 },
  'attack-content': { found: 0 },
  'attack-dns': { found: 20 },
  'attack-envelope': { found: 36, own: 2 },
  basic: { found: 65 },
  linklocal: { found: 3 },
  'local-forgery': { found: 0, forged: 2 },
  postscreen: { found: 2 },
  variants: { found: 25, own: 1 },
};

describe('postfix-spamtrap on real Postfix lines', () => {
  it.each(corpusNames())('finds every hit and no wrong address in %s', (name) => {
    const lines = readCorpus(name);
    const matcher = matcherOf(spamtrap);
    const counts: Partial<Record<Outcome, number>> = {};
    for (const { bytes, expected } of lines) {
      const hits = matcher.match(batchOf(bytes));
      expect(hits.length).toBeLessThanOrEqual(1);
      const outcome = outcomeOf(expected, hits[0]);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    const { found, own, forged } = HITS[name.split('.')[0] ?? ''] ?? { found: -1 };
    // The journal records the writer of an entry, so the source refuses entries that a local user forged.
    const locally = name.endsWith('.journald') ? undefined : forged;
    expect(counts).toEqual({
      ...(found > 0 ? { found } : {}),
      ...(own === undefined ? {} : { 'own address': own }),
      ...(locally === undefined ? {} : { 'forged by a local user': locally }),
      none: lines.length - found - (own ?? 0) - (locally ?? 0),
    });
  });

  it.each(corpusNames())('finds equal hits in %s when it is read as one batch and when it is read line by line', (name) => {
    const lines = readCorpus(name);
    const singly = matcherOf(spamtrap);
    const expected = lines.flatMap(({ bytes }) => singly.match(batchOf(bytes)));
    expect(matcherOf(spamtrap).match(batchOf(Buffer.concat(lines.map(({ bytes }) => bytes))))).toEqual(expected);
  });

  it('gives a message an equal key in all formats', () => {
    const keys = ['rfc3164', 'iso8601', 'rfc5424', 'journald'].map((format) => {
      const bytes = Buffer.concat(readCorpus(`basic.${format}`).map((line) => line.bytes));
      return matcherOf(spamtrap)
        .match(batchOf(bytes))
        .map((hit) => hit.key);
    });
    expect(new Set(keys[0]).size).toBeGreaterThan(60);
    for (const list of keys) expect(list).toEqual(keys[0]);
  });
});

describe('the other shipped filters on real Postfix lines', () => {
  it.each([
    ['postfix-redirect', /: redirect: RCPT from .* triggers REDIRECT spamtrap/],
    ['postfix-reject-trap', /: reject: RCPT from [^ ]*: [0-9]{3} [0-9.]+ <[^>]*>: Recipient address rejected: triggers spamtrap;/],
  ])('include %s, which finds all lines of its own kind and no wrong address', (name, genuine) => {
    const matcher = matcherOf(shipped(name));
    const groups = ['variants.rfc3164', 'basic.rfc3164', 'attack-envelope.rfc3164', 'attack-content.rfc3164'];
    const lines = groups.flatMap((group) => readCorpus(group));
    const hits = lines.map(({ bytes }) => matcher.match(batchOf(bytes))[0]);
    const missed = lines.filter(({ bytes }, index) => genuine.test(bytes.toString()) && !hits[index]);
    const wrong = lines.filter(({ expected }, index) => hits[index] && hits[index].address !== expected.peer);
    expect(missed).toEqual([]);
    expect(wrong).toEqual([]);
    expect(hits.filter((hit) => hit).length).toBeGreaterThan(0);
  });
});
