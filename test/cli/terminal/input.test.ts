import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { inputUntil } from '../../../src/cli/terminal/input.ts';

async function textOf(input: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of inputUntil(input, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('standard input', () => {
  it('is read to its end', async () => {
    expect(await textOf(Readable.from([Buffer.from('one\n'), Buffer.from('two')]), new AbortController().signal)).toBe('one\ntwo');
  });

  it('ends at an interrupt, also while nobody types', async () => {
    const input = new PassThrough();
    const stop = new AbortController();
    input.write('one\n');
    const read = textOf(input, stop.signal);
    setTimeout(() => stop.abort(), 20);
    expect(await read).toBe('one\n');
    expect(input.destroyed).toBe(true);
  });
});
