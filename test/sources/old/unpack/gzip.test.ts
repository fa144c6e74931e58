import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflate } from '../../../../src/sources/old/unpack/gzip.ts';

async function* inPieces(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function* failing(): AsyncGenerator<Buffer> {
  yield gzipSync('abc');
  throw new Error('gone');
}

async function readAll(compressed: AsyncIterable<Buffer>): Promise<{ text: string; largest: number; failure: unknown }> {
  const chunks: Buffer[] = [];
  let failure: unknown;
  try {
    for await (const chunk of inflate('old\n.gz', compressed)) chunks.push(Buffer.from(chunk));
  } catch (thrown) {
    failure = thrown;
  }
  return {
    text: Buffer.concat(chunks).toString('latin1'),
    largest: Math.max(0, ...chunks.map((chunk) => chunk.length)),
    failure,
  };
}

/** Text that gzip cannot compress much. */
const LONG = Array.from({ length: 60_000 }, (_, index) => `${(index * 2_654_435_761) % 4_294_967_296} mx\n`).join('');

describe('inflate', () => {
  it.each([1, 1000, 65_536])('inflates input in pieces of %i bytes', async (size) => {
    const text = LONG.slice(0, 20_000);
    expect((await readAll(inPieces(gzipSync(text), size))).text === text).toBe(true);
  });

  it('returns chunks of at most a mebibyte', async () => {
    const { text, largest } = await readAll(inPieces(gzipSync(Buffer.alloc(10_000_000, 'x'))));
    expect([text.length, largest]).toEqual([10_000_000, 1_048_576]);
  });

  it('inflates all members, and ignores zero bytes after the last member', async () => {
    const members = Buffer.concat([gzipSync('one\n'), gzipSync(''), gzipSync('two\n'), Buffer.alloc(512)]);
    expect(await readAll(inPieces(members))).toMatchObject({ text: 'one\ntwo\n', failure: undefined });
  });

  it('returns all text before a truncation, and then throws an error with its place and the number of used bytes', async () => {
    const whole = gzipSync(LONG);
    const { text, failure } = await readAll(inPieces(whole.subarray(0, whole.length - 100)));
    expect(LONG.startsWith(text)).toBe(true);
    expect(text.length).toBeGreaterThan(LONG.length * 0.9);
    expect(failure).toMatchObject({
      name: 'DamagedError',
      message: `old\\u{a}.gz: the gzip file ends in the middle, after ${whole.length - 100} bytes, fetch the whole file; its first ${text.length} unpacked bytes were used`,
    });
  });

  it('returns the text before a damaged part, and then throws an error with the place of the damage', async () => {
    const whole = gzipSync(LONG);
    whole.fill(0xff, 200_000, 200_100);
    const { text, failure } = await readAll(inPieces(whole));
    expect(text.length).toBeGreaterThan(100_000);
    expect(LONG.startsWith(text.slice(0, 100_000))).toBe(true);
    expect(failure).toMatchObject({
      name: 'DamagedError',
      message: expect.stringMatching(
        /: the gzip file is damaged within the last 65536 of 262144 bytes, test it with gzip -t; its first \d+ unpacked bytes/,
      ),
    });
  });

  it('reads no more input than its caller needs', async () => {
    let read = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const piece of inPieces(gzipSync(LONG), 1000)) {
        read += 1;
        yield piece;
      }
    }
    for await (const _ of inflate('old.gz', counted())) break;
    expect(read).toBeLessThan(gzipSync(LONG).length / 1000);
  });

  it('rethrows the error of the compressed input', async () => {
    expect(await readAll(failing())).toMatchObject({ text: 'abc', failure: new Error('gone') });
  });
});
