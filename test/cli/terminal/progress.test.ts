import { describe, expect, it } from 'vitest';
import { Progress, sizeText } from '../../../src/cli/terminal/progress.ts';

async function* batches() {
  for (const text of ['abc\n', 'de\n']) yield { source: 's', bytes: Buffer.from(text), at: 0, cursor: undefined };
}

describe('Progress', () => {
  it('draws a bar with the share of the total, and erases it at the end', () => {
    const drawn: string[] = [];
    const progress = new Progress(1_000_000, (text) => void drawn.push(text));
    progress.add(250_000);
    progress.add(1);
    expect(drawn).toEqual([`\r[${'#'.repeat(8)}${' '.repeat(22)}] 25 % of 1 MB`]);
    progress.end();
    expect(drawn.at(-1)).toBe('\r\u001b[K');
  });

  it('gives the bytes when the total is unknown', () => {
    const drawn: string[] = [];
    const progress = new Progress(undefined, (text) => void drawn.push(text));
    progress.add(12_345_678);
    expect(drawn).toEqual(['\rreading 12 MB']);
    expect(progress.reached()).toBe('after 12 MB');
  });

  it('writes nothing when nothing was drawn, or nobody sees it', () => {
    const drawn: string[] = [];
    new Progress(100, (text) => void drawn.push(text)).end();
    expect(drawn).toEqual([]);
    const unseen = new Progress(100, undefined);
    unseen.add(6);
    unseen.end();
    expect(unseen.reached()).toBe('at 6 %');
  });

  it('never goes beyond the total, because a file may grow while it is read', () => {
    const progress = new Progress(100, undefined);
    progress.add(120);
    expect(progress.reached()).toBe('at 100 %');
  });

  it('counts the bytes of the batches that pass', async () => {
    const progress = new Progress(undefined, undefined);
    for await (const { bytes } of progress.along(batches())) expect(bytes.length).toBeGreaterThan(2);
    expect(progress.bytes).toBe(7);
  });
});

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [12_345, '12 kB'],
  [369_000_000, '369 MB'],
])('sizeText(%d) is %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
