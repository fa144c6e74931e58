import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SHIPPED_ACTIONS, checkActionFile } from '../src/actions/enforce.ts';
import { Folder } from './support/actions/words.ts';

describe('the shipped actions', () => {
  const names = readdirSync(SHIPPED_ACTIONS);

  it('are nftables, ipset, iptables, pf and spamd', () => {
    expect(names.toSorted()).toEqual(['ipset.yaml', 'iptables.yaml', 'nftables.yaml', 'pf.yaml', 'spamd.yaml']);
  });

  it.each(names)('include %s, which makes the commands that its examples show', (name) => {
    expect(checkActionFile(join(SHIPPED_ACTIONS, name))).toEqual([]);
  });
});

describe('the example of docs/actions.md', () => {
  it('makes the commands that it shows', () => {
    const text = readFileSync(fileURLToPath(new URL('../docs/actions.md', import.meta.url)), 'utf8');
    const folder = new Folder();
    const path = folder.write('hosts-deny.yaml', /```yaml\n(.*?)```/s.exec(text)?.[1] ?? '');
    expect(checkActionFile(path)).toEqual([]);
    folder.remove();
  });
});
