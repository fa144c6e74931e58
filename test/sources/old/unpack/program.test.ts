import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unpackWith, type Program } from '../../../../src/sources/old/unpack/program.ts';
import { until } from '../../../support/until.ts';
import { temporaryFolder } from '../../../support/sources/reader.ts';

/** In these tests an ordinary program, such as cat, takes the place of the unpacking program. */
const program = (name: string, ...words: string[]): Program => ({ name, words, package: 'coreutils' });

const shell = (script: string): Program => program('sh', '-c', script);

function opened(bytes: string | Buffer): number {
  const path = join(temporaryFolder(), 'packed');
  writeFileSync(path, bytes);
  const file = openSync(path, 'r');
  onTestFinished(() => closeSync(file));
  return file;
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function* failing(): AsyncGenerator<Buffer> {
  yield Buffer.from('abc');
  throw new Error('gone');
}

/** The length and hash of the output, the size of its largest chunk, and the error that ended it. */
async function readAll(
  by: Program,
  packed: number | AsyncIterable<Buffer>,
): Promise<{ length: number; digest: string; largest: number; error: unknown }> {
  const hash = createHash('sha256');
  let length = 0;
  let largest = 0;
  let error: unknown;
  try {
    for await (const chunk of unpackWith(by, 'old.log', packed)) {
      hash.update(chunk);
      length += chunk.length;
      largest = Math.max(largest, chunk.length);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { length, digest: hash.digest('hex'), largest, error };
}

describe('unpackWith', () => {
  const bytes = randomBytes(9_999_999);
  const digest = createHash('sha256').update(bytes).digest('hex');

  it('yields the output of the program in chunks of at most 1 MiB', async () => {
    const read = await readAll(program('cat'), opened(bytes));
    expect(read).toMatchObject({ length: bytes.length, digest, error: undefined });
    expect(read.largest).toBeLessThanOrEqual(1_048_576);
  });

  it.each([4096, 3_000_000])('passes input in pieces of %i bytes to the program', async (size) => {
    expect(await readAll(program('cat'), inPieces(bytes, size))).toMatchObject({ length: bytes.length, digest, error: undefined });
  });

  it('yields nothing for a program without output', async () => {
    expect(await readAll(program('true'), opened('x'))).toMatchObject({ length: 0, error: undefined });
    expect(await readAll(program('true'), inPieces(bytes, 65_536))).toMatchObject({ length: 0, error: undefined });
  });

  it('throws an error with the message of the program after its output', async () => {
    const { length, error } = await readAll(shell('printf 12345; echo "bad\tframe" >&2; echo more >&2; exit 3'), opened(''));
    expect(length).toBe(5);
    expect(error).toMatchObject({
      name: 'DamagedError',
      message:
        'old.log: is damaged or ends too early (sh: exit code 3, "bad\\u{9}frame"), fetch the whole file; its first 5 unpacked bytes were used',
    });
  });

  it('throws an error with the signal that killed the program', async () => {
    const { error } = await readAll(shell('kill -KILL $$'), opened(''));
    expect(String(error)).toContain('(sh: SIGKILL)');
  });

  it('throws an error with the package to install when the program is missing', async () => {
    const { error } = await readAll(program('no-such-program'), opened('x'));
    expect(error).toMatchObject({
      name: 'SourceError',
      message: 'old.log: cannot be unpacked without the program "no-such-program", install it (package coreutils on Debian)',
    });
  });

  it('rethrows the error of the compressed input', async () => {
    expect(await readAll(program('cat'), failing())).toMatchObject({ length: 3, error: new Error('gone') });
  });

  it('needs little memory for a long output, and ends the program when the reader stops', async () => {
    let pid = 0;
    let total = 0;
    let most = 0;
    const before = process.memoryUsage().rss;
    for await (const chunk of unpackWith(shell('echo $$; exec yes'), 'old.log', opened(''))) {
      pid ||= Number.parseInt(chunk.toString('latin1', 0, 20), 10);
      total += chunk.length;
      most = Math.max(most, process.memoryUsage().rss - before);
      if (total > 300_000_000) break;
    }
    expect(most).toBeLessThan(60_000_000);
    expect(pid).toBeGreaterThan(1);
    await until('the program has ended', () => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
  });
});
