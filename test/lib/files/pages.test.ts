import { mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { wholePages } from '../../../src/lib/files/pages.ts';

/** Takes the place of WebAssembly.Memory. */
function refuse(): never {
  throw new RangeError('WebAssembly.Memory(): could not allocate memory');
}

describe('wholePages', () => {
  it('gives memory of the given size, filled with zeros, at the start of its own pages', () => {
    for (const size of [1, 65_536, 65_537, 1_048_576]) {
      const memory = wholePages(size);
      expect([memory.length, memory.byteOffset]).toEqual([size, 0]);
      expect(memory.buffer.byteLength).toBe(Math.ceil(size / 65_536) * 65_536);
      expect(memory.every((byte) => byte === 0)).toBe(true);
    }
  });

  it('gives memory that a file can be read into', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trapline-pages-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'log'), 'text'.repeat(50_000));
    const memory = wholePages(1_048_576);
    expect(readSync(openSync(join(folder, 'log'), 'r'), memory, 0, memory.length, 0)).toBe(200_000);
    expect(memory.toString('latin1', 199_996, 200_001)).toBe('text\0');
  });

  it.each([
    ['there is no WebAssembly', undefined],
    [
      'the address space is limited',
      {
        Memory: refuse,
      },
    ],
  ])('gives memory when %s', (_title, webAssembly) => {
    vi.stubGlobal('WebAssembly', webAssembly);
    onTestFinished(() => void vi.unstubAllGlobals());
    const memory = wholePages(100_000);
    expect(memory.length).toBe(100_000);
    expect(memory.every((byte) => byte === 0)).toBe(true);
  });
});
