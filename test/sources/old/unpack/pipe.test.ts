import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Pipe } from '../../../../src/sources/old/unpack/pipe.ts';

const MIB = 1_048_576;
const digestOf = (...chunks: readonly Buffer[]): string => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};

async function readAll(pipe: Pipe): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of pipe.chunks()) chunks.push(Buffer.from(chunk));
  return chunks;
}

describe('a pipe', () => {
  it('returns the bytes that are written to it, in chunks of about 1 MiB', async () => {
    const pipe = await Pipe.open();
    const bytes = randomBytes(5 * MIB + 1);
    pipe.entry.end(bytes);
    const chunks = await readAll(pipe);
    expect(digestOf(...chunks)).toBe(digestOf(bytes));
    expect(chunks.slice(0, -1).every((chunk) => chunk.length > MIB - 262_144 && chunk.length <= MIB)).toBe(true);
    expect(chunks.length).toBeLessThanOrEqual(7);
  });

  it('returns all bytes, even if there are only a few', async () => {
    const pipe = await Pipe.open();
    pipe.entry.write('one');
    pipe.entry.end('two');
    expect(String(Buffer.concat(await readAll(pipe)))).toBe('onetwo');
  });

  it('returns nothing when nothing was written', async () => {
    const pipe = await Pipe.open();
    pipe.entry.destroy();
    expect(await readAll(pipe)).toEqual([]);
  });

  it('uses one buffer for all chunks', async () => {
    const pipe = await Pipe.open();
    pipe.entry.end(randomBytes(3 * MIB));
    const memories = new Set<ArrayBufferLike>();
    for await (const chunk of pipe.chunks()) memories.add(chunk.buffer);
    expect(memories.size).toBe(1);
  });

  it('can be closed before its end, and then the stream of the writer is closed', async () => {
    const pipe = await Pipe.open();
    const closed = new Promise<void>((resolve) => void pipe.entry.on('error', () => {}).once('close', resolve));
    pipe.entry.write(randomBytes(5 * MIB));
    for await (const _ of pipe.chunks()) break;
    pipe.close();
    await closed;
    expect(pipe.entry.destroyed).toBe(true);
  });

  it('leaves no file in the temporary folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pipe-test-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    onTestFinished(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      rmSync(folder, { recursive: true });
    });
    const pipe = await Pipe.open();
    expect(readdirSync(folder)).toEqual([]);
    pipe.entry.destroy();
    pipe.close();
  });
});
