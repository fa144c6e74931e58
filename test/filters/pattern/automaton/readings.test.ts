import { array, assert, constantFrom, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSecondReading, Side } from '../../../../src/filters/pattern/automaton/readings.ts';
import { charactersOf, type Piece } from '../../../../src/filters/pattern/syntax.ts';
import { parsed, sideOf } from '../../../support/filters/patterns.ts';
import { FUZZ, SEED } from '../../../support/hostile/bytes.ts';

const A = '(?<address>[0-9]+)';

/** Lines of `genuine` in which `read` finds another address. Undefined if there is no such line. */
const linesOf = (genuine: string, read: string, mostSteps = 1e6): ReturnType<typeof findSecondReading> =>
  findSecondReading(sideOf(genuine), sideOf(read), mostSteps);

/** The place of a pattern's address in a line. */
function spanIn(pattern: string, line: string): readonly number[] | undefined {
  return new RegExp(pattern, 'ds').exec(line)?.indices?.groups?.['address'];
}

describe('a second reading (a line in which two patterns find different addresses)', () => {
  it.each([
    ['an earlier address', `^a.* ip=${A};.*`, `^a[a-z]* ip=${A};`],
    ['a later address', `^a ip=${A};.*`, `^a.* ip=${A};`],
    ['an address with another beginning', `^ip=.*${A};`, `^ip=[0-9]${A};`],
    ['an address with another end', `^ip=${A};.*`, `^ip=${A}[0-9];`],
    ['a text that one pattern has as a choice', `^(?:a|a9;)${A};.*`, `^(?:a|a9;)${A};`],
    ['an address after optional text', `^x${A}(?: y.*)?$`, `^x(?:[0-9]+ y)?${A}$`],
    ['an end of the line in one of several ways', `^x.*${A}(?:;|$)`, `^x[a-z]*;?${A}(?:;|$)`],
  ])('is found for %s', (_title, genuine, read) => {
    const lines = linesOf(genuine, read);
    expect(lines?.length).toBeGreaterThan(0);
    for (const line of lines ?? []) expect(new RegExp(read, 's').test(line) && new RegExp(genuine, 's').test(line)).toBe(true);
  });

  it.each([
    ['fixed text before the address', `^a ip=${A};.*`, `^a ip=${A};`],
    ['a class that does not match the fixed text', `^a=.* ip=${A};$`, `^a=[a-z]* ip=${A};$`],
    ['the last of several addresses', `^a=.* ip=${A}$`, `^a=.* ip=${A}$`],
    [
      'the last of several addresses, with a closed end',
      `^a=.* ip=${A}(?:, TLS)?, id=[a-z]+$`,
      `^a=.* ip=${A}(?:, TLS)?, id=[a-z]+$`,
    ],
    ['patterns that match different lines', `^a.*${A}$`, `^b.*${A}$`],
    ['an optional part in both patterns', `^a(?: b)? ip=${A};.*`, `^a(?: b)? ip=${A};`],
  ])('is not found for %s', (_title, genuine, read) => {
    expect(linesOf(genuine, read)).toBeUndefined();
  });

  it('is as short as possible', () => {
    expect(linesOf(`^a=.* ip=${A};.*`, `^a=[a-z]* ip=${A};`)).toContain('a= ip=1; ip=1;');
  });

  it('is found in both forms: with an earlier address and with a later address', () => {
    const lines = linesOf(`^a=.* ip=${A}.*`, `^a=.* ip=${A}`);
    expect(lines).toHaveLength(2);
  });

  it('is a line in which the two patterns find different addresses', () => {
    const [line = ''] = linesOf(`^a ip=${A};.*`, `^a.* ip=${A};`) ?? [];
    expect(spanIn(`^a ip=${A};.*`, line)).not.toEqual(spanIn(`^a.* ip=${A};`, line));
  });

  it('is written with readable characters if possible', () => {
    expect(linesOf(`^.* ip=${A};.*`, `^[a-z]+ ip=${A};`)).toContain('x ip=1; ip=1;');
    expect(linesOf(`^.* ip=${A};.*`, `^[\\x02\\x03]+ ip=${A};`)).toContain('\u0002 ip=1; ip=1;');
    expect(linesOf(`^.* ip=${A};.*`, `^[!-#]+ ip=${A};`)).toContain('! ip=1; ip=1;');
  });
});

describe('the end of an address at the end of a pattern', () => {
  const digits = charactersOf('0123456789');

  it('is after the last character that an address can contain', () => {
    expect(findSecondReading(sideOf(`^ip=${A}`), sideOf(`^ip=${A}`), 1e6)).toBeDefined();
    expect(findSecondReading(sideOf(`^ip=${A}`, digits), sideOf(`^ip=${A}`, digits), 1e6)).toBeUndefined();
  });
});

describe('the sign "$" in a pattern', () => {
  it('matches only at the end of the line', () => {
    expect(linesOf(`^a$b${A}`, `^a.*${A}`)).toBeUndefined();
    expect(linesOf(`^a$${A};.*`, `^a$[0-9]*;${A}`)).toBeUndefined();
    expect(linesOf(`^a${A};.*`, `^a[0-9]*;${A}`)).toBeDefined();
    expect(linesOf(`^ip=${A};.*`, `^ip=[0-9]*; ip=${A}$`)).toBeDefined();
    expect(linesOf(`^ip=${A};$`, `^ip=[0-9]*; ip=${A}$`)).toBeUndefined();
  });

  it('may be written twice', () => {
    expect(linesOf(`^a=.* ip=${A}$$`, `^a=[a-z]* ip=${A}(?:$$|$)`)).toBeUndefined();
    expect(linesOf(`^a=.* ip=${A}$$`, `^a=[a-z]* ip=${A}(?:$$|;)`)).toBeDefined();
  });
});

describe('the search', () => {
  it('stops after its limit of steps, and not earlier', () => {
    const genuine = `^a=.* ip=${A}, (?:x|y|z)*$`;
    let few = 1;
    let enough = 1e6;
    // Searches for the least number of steps with which the proof succeeds.
    while (enough - few > 1) {
      const middle = Math.floor((few + enough) / 2);
      if (linesOf(genuine, genuine, middle) === 'unknown') few = middle;
      else enough = middle;
    }
    expect(linesOf(genuine, genuine, few)).toBe('unknown');
    expect(linesOf(genuine, genuine, enough)).toBeUndefined();
    expect(enough).toBeLessThan(1000);
  });

  it('returns no line when it stops at its limit', () => {
    expect(linesOf(`^a.* ip=${A};.*`, `^a.* ip=${A};`)).toHaveLength(2);
    expect(linesOf(`^a.* ip=${A};.*`, `^a.* ip=${A};`, 5)).toBe('unknown');
  });
});

/** Every match of `piece` at the position `from` of a line. `address` is the place of the address in the line. */
function* readingsOf(piece: Piece, line: string, from: number): Generator<{ end: number; address?: string }> {
  switch (piece.kind) {
    case 'edge':
      if (piece.edge === 'end' ? from === line.length : from === 0) yield { end: from };
      return;
    case 'one':
      if (from < line.length && (piece.of & (1n << BigInt(line.charCodeAt(from)))) !== 0n) yield { end: from + 1 };
      return;
    case 'choice':
      for (const one of piece.pieces) yield* readingsOf(one, line, from);
      return;
    case 'capture':
      for (const { end } of readingsOf(piece.piece, line, from)) yield { end, address: `${from}-${end}` };
      return;
    case 'row': {
      const [first, ...rest] = piece.pieces;
      if (!first) return yield { end: from };
      for (const one of readingsOf(first, line, from)) {
        for (const other of readingsOf({ ...piece, pieces: rest }, line, one.end)) yield { ...one, ...other };
      }
      return;
    }
    case 'repeat':
      if (piece.min === 0) yield { end: from };
      if (piece.max === 0) return;
      for (const one of readingsOf(piece.piece, line, from)) {
        if (one.end === from) continue;
        const rest = { ...piece, min: Math.max(0, piece.min - 1), max: piece.max - 1 };
        yield* readingsOf(rest, line, one.end);
      }
  }
}

const addressesIn = (pattern: string, line: string): Set<string> =>
  new Set([...readingsOf(parsed(pattern), line, 0)].map(({ address = '' }) => address));

const differ = (genuine: string, read: string, line: string): boolean => {
  const [one, other] = [addressesIn(genuine, line), addressesIn(read, line)];
  return [...one].some((address) => [...other].some((found) => found !== address));
};

/** All lines of up to five characters from an alphabet of three. */
const LINES = Array.from({ length: 6 }, (_, length) => length).flatMap((length) =>
  Array.from({ length: 3 ** length }, (_, number) =>
    Array.from({ length }, (_unused, place) => 'a1;'.charAt(Math.floor(number / 3 ** place) % 3)).join(''),
  ),
);

describe(`a pair of small patterns (FUZZ_SEED=${SEED})`, { timeout: 60_000 * FUZZ }, () => {
  const atom = constantFrom(
    'a',
    '1',
    ';',
    '[a1]',
    '[^;]',
    '.',
    'a*',
    '1*',
    '.*',
    '[a;]*',
    'a?',
    '(?:a|1;)',
    '(?:;a)?',
    '(?:|1)',
    '(?:a1)*',
    'a{2}',
    '$',
  );
  const pieces = array(atom, { maxLength: 4 }).map((list) => list.join(''));
  const pattern = tuple(pieces, constantFrom('1', '1+', '[a1]+', '1{1,2}'), pieces, constantFrom('', '$')).map(
    ([before, address, behind, end]) => `^${before}(?<address>${address})${behind}${end}`,
  );

  it('has a second reading exactly when the two patterns find different addresses in one line', () => {
    assert(
      property(pattern, pattern, (genuine, read) => {
        const sides = [sideOf(genuine), sideOf(read)].map(({ pattern: piece, address }) => new Side(piece, address, 0n, true)) as [
          Side,
          Side,
        ];
        const found = findSecondReading(...sides, 1e6);
        const has = LINES.some((line) => differ(genuine, read, line));
        // If a line has two readings, both searches find such a line. The second search treats repetitions as unbounded.
        expect(has && [found, linesOf(genuine, read)].includes(undefined)).toBe(false);
        // Each line that the search finds has two readings.
        const lines = found === undefined || found === 'unknown' ? [] : found;
        expect(lines.filter((line) => !differ(genuine, read, line))).toEqual([]);
      }),
      { numRuns: 300 * FUZZ, seed: SEED },
    );
  });
});
