import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lacksNetAdmin } from '../../../src/lib/children/capabilities.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-capabilities-'));
afterAll(() => rmSync(folder, { recursive: true }));

function lacksWith(text: string): boolean {
  const path = join(folder, 'status');
  writeFileSync(path, text);
  return lacksNetAdmin(path);
}

const status = (mask: string): string => `Name:\tnode\nUid:\t0\t0\t0\t0\nCapInh:\t0000000000000000\nCapEff:\t${mask}\nCapBnd:\t0\n`;

describe('the capability CAP_NET_ADMIN', () => {
  it.each([
    ['root', '000001ffffffffff', false],
    ['the unit', '0000000000003000', false],
    ['root in a container of Docker', '00000000a80425fb', true],
    ['an ordinary user', '0000000000000000', true],
  ])('is read from the mask of %s', (_who, mask, lacks) => {
    expect(lacksWith(status(mask))).toBe(lacks);
  });

  it('does not count as missing when the mask cannot be read', () => {
    expect(lacksWith('Name:\tnode\n')).toBe(false);
    expect(lacksNetAdmin(join(folder, 'none'))).toBe(false);
  });
});
