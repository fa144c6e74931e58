import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHIPPED_ACTIONS, checkActionFile } from '../src/actions/enforce.ts';

describe('the shipped actions', () => {
  const names = readdirSync(SHIPPED_ACTIONS);

  it('are these', () => {
    expect(names.toSorted()).toEqual(['ipset.yaml', 'iptables.yaml', 'nftables.yaml', 'pf.yaml', 'spamd.yaml']);
  });

  it.each(names)('%s becomes the commands that its examples show', (name) => {
    expect(checkActionFile(join(SHIPPED_ACTIONS, name))).toEqual([]);
  });
});
