import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Standby } from '../../../src/lib/children/standby.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-standby-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;

/** A program that appends each line to a file, and ends at the line `end`. */
function appending(): { standby: Standby; lines: () => string[] } {
  made += 1;
  const file = join(folder, `lines${made}`);
  writeFileSync(file, '');
  const script = 'while read -r line; do echo "$line" >>"$1"; [ "$line" != end ] || exit; done';
  const standby = new Standby(['sh', '-c', script, 'sh', file]);
  return { standby, lines: () => readFileSync(file, 'utf8').split('\n').slice(0, -1) };
}

describe('Standby', () => {
  it('passes each line to the running program, and accepts no line before the start', async () => {
    const { standby, lines } = appending();
    expect(standby.write('too early')).toBe(false);
    standby.start();
    standby.start();
    expect([standby.write('one'), standby.write('two')]).toEqual([true, true]);
    await expect.poll(lines).toEqual(['one', 'two']);
    standby.write('end');
  });

  it('starts its program again after the program has ended', async () => {
    const { standby, lines } = appending();
    standby.start();
    standby.write('end');
    await expect.poll(() => standby.write('lost')).toBe(false);
    standby.start();
    standby.write('three');
    standby.write('end');
    await expect.poll(lines).toEqual(['end', 'three', 'end']);
  });

  it('accepts no line when its program is missing', async () => {
    const standby = new Standby(['trapline-no-such-program']);
    standby.start();
    await expect.poll(() => standby.write('lost')).toBe(false);
  });
});
