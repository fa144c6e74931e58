import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { LineSplitter, parseBanRequest, parseHit, parseQuery, parseUnbanRequest } from '../../src/control/requests.ts';

describe('LineSplitter', () => {
  it('finds the same lines however the bytes are cut', () => {
    const pieces = fc.array(fc.stringMatching(/^[ab\n]{0,5}$/), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, (cut) => {
        const splitter = new LineSplitter();
        const lines = cut.flatMap((piece) => splitter.add(Buffer.from(piece)));
        expect([...lines, splitter.rest()]).toEqual(cut.join('').split('\n'));
      }),
    );
  });

  it('puts a character together that was cut', () => {
    const splitter = new LineSplitter();
    const bytes = Buffer.from('ü\n');
    expect([bytes.subarray(0, 1), bytes.subarray(1)].flatMap((piece) => splitter.add(piece))).toEqual(['ü']);
  });

  it('holds no more than a line of 64 KiB', () => {
    const splitter = new LineSplitter();
    expect(splitter.add(Buffer.alloc(65_536, 'x'))).toEqual([]);
    expect(() => splitter.add(Buffer.from('x'))).toThrow(UsageError);
  });
});

describe('what clients ask for', () => {
  it('is a value or a refusal of one line, whatever the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.record({ networks: fc.array(fc.string()) }).map((value) => JSON.stringify(value)),
    );
    const readers = [
      parseBanRequest,
      parseUnbanRequest,
      (words: string) => parseHit(words, 1),
      (words: string) => parseQuery(words, ['a']),
    ];
    fc.assert(
      fc.property(text, fc.constantFrom(...readers), (words, read) => {
        let fault = '';
        try {
          read(words);
        } catch (thrown) {
          fault = thrown instanceof UsageError ? thrown.message : 'no UsageError\n';
        }
        expect(fault).toMatch(/^[^\p{Cc}\p{Bidi_Control}]*$/u);
      }),
      { numRuns: 1000 },
    );
  });
});
