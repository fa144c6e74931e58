import { array, assert, constantFrom, double, integer, property, tuple } from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMatcher } from '../src/filters/match.ts';
import {
  batchOf,
  corpusNames,
  NEAR,
  readCorpus,
  recordingLog,
  shipped,
  type Expected,
  type Labelled,
} from './support/filters/lines.ts';
import { Chance, FUZZ, SEED, SPOILS } from './support/hostile/bytes.ts';
import { readRecords } from './support/sources/records.ts';

/**
 * All lines of the corpus that contain `spamtrap`, and every seventh line of the corpus. A line that a local user forged is left out, because
 * it has no client.
 */
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
 * The length of the part of a line that only Postfix writes. This part ends with the client's address. The client can write any text after it.
 * In a line without a client's address, the first 30 bytes count as this part.
 */
function ownPart(line: Buffer): number {
  const own = /^.{0,200}?: [a-z_-]+: [A-Z-]+ from [A-Za-z0-9._-]+\[[^\]]*\](?::\d+)?/s.exec(line.toString('latin1'));
  return Math.min(line.length, own?.[0].length ?? 30);
}

/** The addresses that the filters find in a changed line, except for the address of the line's own client. */
function others(line: Labelled, mutated: Buffer): string[] {
  const { ip, lenient_ip, peer } = line.expected;
  return matcher
    .match(batchOf(mutated))
    .map((hit): string => hit.address)
    .filter((address) => ![ip, lenient_ip, peer].includes(address));
}

const aLine = constantFrom(...lines);
const aPlace = double({ min: 0, max: 1, noNaN: true });

/** Chooses a position after the part of a line that only Postfix writes. */
const within = (line: Buffer, place: number): number => {
  const own = ownPart(line);
  return own + Math.floor(place * (line.length - own));
};

describe('a changed line of the corpus', { timeout: 20_000 * FUZZ }, () => {
  it('names only its own client when bytes after the address are changed', () => {
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
      { numRuns: 3000 * FUZZ },
    );
  });

  it('names only its own client when its start or end is cut off', () => {
    assert(
      property(aLine, aPlace, aPlace, (line, first, last) => {
        const end = within(line.bytes, last);
        expect(others(line, line.bytes.subarray(0, end))).toEqual([]);
        expect(others(line, line.bytes.subarray(Math.floor(first * ownPart(line.bytes)), end))).toEqual([]);
      }),
      { numRuns: 2000 * FUZZ },
    );
  });

  it('names only its own client when another line is joined to it or inserted into it, or when it is doubled', () => {
    assert(
      property(aLine, aLine, aPlace, (line, other, place) => {
        const at = within(line.bytes, place);
        expect(others(line, Buffer.concat([line.bytes, other.bytes]))).toEqual([]);
        expect(others(line, Buffer.concat([line.bytes.subarray(0, at), other.bytes, line.bytes.subarray(at)]))).toEqual([]);
        expect(others(line, Buffer.concat([line.bytes, line.bytes]))).toEqual([]);
      }),
      { numRuns: 2000 * FUZZ },
    );
  });
});

/** A line of the corpus as it stands in its file. In a journal it is the JSON of one entry. */
interface Stored {
  readonly bytes: Buffer;
  readonly expected: Expected;
}

const CORPUS = join(import.meta.dirname, 'fixtures', 'corpus');

function stored(name: string): readonly Stored[] {
  const labelled = readCorpus(name);
  if (!name.endsWith('.journald')) return labelled.map((line) => ({ ...line, bytes: line.bytes.subarray(0, -1) }));
  const entries = readFileSync(join(CORPUS, `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
  return labelled.map(({ expected }, index) => ({ expected, bytes: Buffer.from(entries[index] ?? '') }));
}

type SpoilLine = (typeof SPOILS)[string];

/** Changes a line of a text log at random after the address of its client. */
function spoilText(line: Buffer, spoil: SpoilLine, chance: Chance, other: Buffer): Buffer {
  return spoil(line, ownPart(line), chance, other);
}

/** Changes the message of an entry at random after the address of its client, and writes the entry as journald does. */
function spoilEntry(line: Buffer, spoil: SpoilLine, chance: Chance, other: Buffer): Buffer {
  const entry = JSON.parse(line.toString()) as { MESSAGE: string | number[] };
  const message = Buffer.from(entry.MESSAGE as string);
  const own = /^.{0,60}?: [a-z_-]+: [A-Z-]+ from [A-Za-z0-9._-]+\[[^\]]*\](?::\d+)?/s.exec(message.toString('latin1'));
  const spoilt = spoil(message, own?.[0].length ?? 0, chance, other);
  const text = spoilt.toString();
  const plain = Buffer.from(text).equals(spoilt) && !/\p{Cc}/u.test(text);
  return Buffer.from(JSON.stringify({ ...entry, MESSAGE: plain ? text : [...spoilt] }));
}

describe(`a corpus with every line damaged, read as a backfill reads it (FUZZ_SEED=${SEED})`, { timeout: 60_000 * FUZZ }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-spoilt-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(corpusNames())('names only the client of each line in %s', async (name) => {
    const journal = name.endsWith('.journald');
    const all = stored(name);
    const chance = new Chance(SEED + name.length);
    const spoilt = Array.from({ length: FUZZ }, () =>
      all.flatMap(({ bytes, expected }) =>
        Object.entries(SPOILS).map(([how, spoil]) => {
          const other = all[chance.below(all.length)]?.bytes ?? bytes;
          return { how, expected, bytes: (journal ? spoilEntry : spoilText)(bytes, spoil, chance, other) };
        }),
      ),
    ).flat();
    const file = join(folder, name);
    writeFileSync(file, Buffer.concat(spoilt.flatMap(({ bytes }) => [bytes, Buffer.from('\n')])));
    const wrong: unknown[] = [];
    let count = 0;
    let found = 0;
    for await (const { bytes, at } of readRecords(file, { format: 'auto', now: NEAR, log: recordingLog() })) {
      const from = spoilt[count];
      count += 1;
      if (!from || from.expected.undecidable) continue;
      const { ip, lenient_ip, peer } = from.expected;
      const hits = bytes ? matcher.match({ source: name, bytes, at, cursor: undefined }) : [];
      found += hits.length;
      for (const { address } of hits)
        if (![ip, lenient_ip, peer].includes(address)) wrong.push({ how: from.how, address, line: from.bytes.toString('latin1') });
    }
    expect(wrong).toEqual([]);
    expect(count).toBe(spoilt.length);
    // If the corpus has hits, some damaged lines must be hits too. This shows that the lines have reached the matcher.
    expect(found > 0).toBe(all.some(({ expected }) => expected.hit));
  });

  it.each(corpusNames().filter((name) => name.endsWith('.journald')))(
    'names only the client of each entry in %s when the JSON text itself is damaged',
    async (name) => {
      const all = stored(name);
      const chance = new Chance(SEED);
      const file = join(folder, `${name}.raw`);
      const spoilt = all.flatMap(({ bytes, expected }) => {
        const from = bytes.indexOf('"MESSAGE"');
        // Changes only the message after the address, because journald alone writes the rest of the entry.
        const own = bytes.indexOf(']', bytes.indexOf(' from ', from)) + 1;
        const end = bytes.indexOf('"', Math.max(own, from + 12));
        const cut = own > 0 && own < end ? end : bytes.length;
        const message =
          SPOILS['flipped']?.(bytes.subarray(0, cut), own > 0 && own < end ? own : bytes.length, chance, bytes) ?? bytes;
        return [{ expected, bytes: Buffer.concat([message, bytes.subarray(cut)]) }];
      });
      writeFileSync(file, Buffer.concat(spoilt.flatMap(({ bytes }) => [bytes, Buffer.from('\n')])));
      const wrong: unknown[] = [];
      let count = 0;
      for await (const { bytes, at } of readRecords(file, { format: 'journal', now: NEAR, log: recordingLog() })) {
        const from = spoilt[count];
        count += 1;
        for (const { address } of bytes ? matcher.match({ source: name, bytes, at, cursor: undefined }) : [])
          if (from && ![from.expected.ip, from.expected.lenient_ip, from.expected.peer].includes(address)) wrong.push(from);
      }
      expect(wrong).toEqual([]);
      expect(count).toBe(spoilt.length);
    },
  );
});
