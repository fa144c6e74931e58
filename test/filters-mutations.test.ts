import { array, assert, constantFrom, double, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMatcher } from '../src/filters/match.ts';
import { batchOf, corpusNames, readCorpus, recordingLog, shipped, type Labelled } from './support/filters-lines.ts';

/** Lines that are near to a hit, and one in seven of all others. Those forged by a local user have no client. */
const lines = corpusNames()
  .flatMap((name) => readCorpus(name))
  .filter(({ bytes, expected }, index) => !expected.undecidable && (index % 7 === 0 || bytes.includes('spamtrap')))
  .map((line) => ({ ...line, bytes: line.bytes.subarray(0, -1) }))
  .filter(({ bytes }) => bytes.length > 0);

const matcher = createMatcher(
  ['postfix-spamtrap', 'postfix-redirect', 'postfix-reject-trap'].map((name) => ({
    jail: name,
    filter: shipped(name),
    rules: { authenticated: true },
  })),
  { log: recordingLog() },
);

/**
 * Up to and with the client's address, what a line holds is Postfix's; behind it a client can make it what it likes. Where there is no
 * such address, the line's head.
 */
function ownPart(line: Buffer): number {
  const own = /^.{0,200}?: [a-z_-]+: [A-Z-]+ from [A-Za-z0-9._-]+\[[^\]]*\](?::\d+)?/s.exec(line.toString('latin1'));
  return Math.min(line.length, own?.[0].length ?? 30);
}

/** Addresses found in what became of a line, without that of its own client. */
function others(line: Labelled, mutated: Buffer): string[] {
  const { ip, lenient_ip, peer } = line.expected;
  return matcher
    .match(batchOf(mutated))
    .map((hit): string => hit.address)
    .filter((address) => ![ip, lenient_ip, peer].includes(address));
}

const aLine = constantFrom(...lines);
const aPlace = double({ min: 0, max: 1, noNaN: true });

/** A place in the client's part of a line. */
const within = (line: Buffer, place: number): number => {
  const own = ownPart(line);
  return own + Math.floor(place * (line.length - own));
};

describe('a line of the corpus names no one but its own client', () => {
  it('with bytes of the client changed', () => {
    const changes = array(
      tuple(
        aPlace,
        integer({ min: 0, max: 255 }).filter((byte) => byte !== 0x0a),
      ),
      { maxLength: 6 },
    );
    assert(
      property(aLine, changes, (line, flips) => {
        const mutated = Buffer.from(line.bytes);
        for (const [place, byte] of flips) mutated[within(line.bytes, place)] = byte;
        expect(others(line, mutated.subarray(0, line.bytes.length))).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  it('cut at either end', () => {
    assert(
      property(aLine, aPlace, aPlace, (line, first, last) => {
        const end = within(line.bytes, last);
        expect(others(line, line.bytes.subarray(0, end))).toEqual([]);
        expect(others(line, line.bytes.subarray(Math.floor(first * ownPart(line.bytes)), end))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('with another line joined to it, put into it, or doubled', () => {
    assert(
      property(aLine, aLine, aPlace, (line, other, place) => {
        const at = within(line.bytes, place);
        expect(others(line, Buffer.concat([line.bytes, other.bytes]))).toEqual([]);
        expect(others(line, Buffer.concat([line.bytes.subarray(0, at), other.bytes, line.bytes.subarray(at)]))).toEqual([]);
        expect(others(line, Buffer.concat([line.bytes, line.bytes]))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
