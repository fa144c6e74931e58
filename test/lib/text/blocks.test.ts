import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lineBlocks } from '../../../src/lib/text/blocks.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-blocks-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The blocks of a file with this text, as texts. */
function blocksOf(text: string, limit = Infinity): readonly string[] {
  const path = join(folder, 'file');
  writeFileSync(path, text);
  const file = openSync(path, 'r');
  try {
    return Array.from(lineBlocks(file, limit), (block) => block.toString());
  } finally {
    closeSync(file);
  }
}

describe('lineBlocks', () => {
  it.each([
    ['', []],
    ['one', ['one']],
    ['one\n', ['one\n']],
    ['one\ntwo', ['one\n', 'two']],
    ['\n\n', ['\n\n']],
  ])('reads %j as %j', (text, blocks) => {
    expect(blocksOf(text)).toEqual(blocks);
  });

  it('reads all bytes of a long file in their order, in blocks that end with a newline', () => {
    const text = Array.from({ length: 50_000 }, (_, index) => `line ${index}\n`).join('');
    const blocks = blocksOf(text);
    expect(blocks.join('') === text).toBe(true);
    expect(blocks.every((block) => block.endsWith('\n') && block.length <= 65_536)).toBe(true);
  });

  it.each([65_535, 65_536, 65_537, 300_000])('reads a line of %d bytes whole', (length) => {
    const long = 'x'.repeat(length);
    expect(blocksOf(`a\n${long}\nb\n${long}`).join('')).toBe(`a\n${long}\nb\n${long}`);
    expect(blocksOf(`${long}\nb\n`).every((block) => block.endsWith('\n'))).toBe(true);
  });

  it('reads no more bytes than the limit', () => {
    expect(blocksOf('one\ntwo\n', 5)).toEqual(['one\n', 't']);
    expect(blocksOf('x'.repeat(200_000), 100_000).join('')).toHaveLength(100_000);
  });
});
