import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Outlet } from '../../../src/lib/text/outlet.ts';

describe('an outlet', () => {
  it('writes each line at once while the lines are taken', () => {
    const stream = new PassThrough();
    const outlet = new Outlet(stream, 10);
    outlet.write('one');
    outlet.write('two');
    expect(String(stream.read())).toBe('one\ntwo\n');
  });

  it('keeps a bounded number of lines while nobody takes them, and then reports how many are missing', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const outlet = new Outlet(stream, 1000);
    for (let number = 0; number < 10_000; number += 1) outlet.write(`line ${number}`);
    expect(stream.writableLength).toBeLessThan(1100);
    let text = '';
    stream.on('data', (chunk) => (text += String(chunk)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    outlet.write('the next');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const lines = text.split('\n').slice(0, -1);
    expect(lines.at(-1)).toBe('the next');
    expect(lines.at(-2)).toBe(`${10_000 - (lines.length - 2)} lines are missing before this line, because no program read them`);
    expect(lines.slice(0, -2)).toEqual(Array.from({ length: lines.length - 2 }, (_, number) => `line ${number}`));
  });
});
