import { describe, expect, it } from 'vitest';
import { LARGEST_TAG, Rows } from '../../../src/lib/networks/rows.ts';
import { spanOf } from '../../../src/lib/networks/span.ts';
import { network } from '../../support/decision/words.ts';

/** Rows of these networks. The tag of a network is its index. */
function rowsOf(family: 4 | 6, ...texts: string[]): Rows {
  const rows = new Rows(family, 1);
  for (const [index, text] of texts.entries()) {
    const { words, prefix } = spanOf(network(text));
    rows.push(words, 0, prefix, index);
  }
  return rows;
}

const tagsOf = (rows: Rows): readonly number[] => Array.from({ length: rows.count }, (_, row) => rows.tagAt(row));

describe('Rows', () => {
  it('keeps prefix lengths and tags', () => {
    const rows = new Rows(6, 1);
    rows.push(new Uint32Array([9, 1, 2, 3, 4]), 1, 128, LARGEST_TAG);
    rows.push(new Uint32Array(4), 0, 0, LARGEST_TAG + 1);
    expect([rows.prefixAt(0), rows.tagAt(0), rows.prefixAt(1), rows.tagAt(1)]).toEqual([128, LARGEST_TAG, 0, LARGEST_TAG]);
    expect([...rows.words.subarray(0, 4)]).toEqual([1, 2, 3, 4]);
  });

  it('settles in the order of addresses, without nested and equal networks', () => {
    const rows = rowsOf(4, '192.0.2.1', '10.1.0.0/16', '192.0.2.1', '10.0.0.0/8', '255.0.0.0/8', '192.0.2.0');
    rows.settle();
    expect(tagsOf(rows)).toEqual([3, 5, 0, 4]);
    const ipv6 = rowsOf(6, '2001:db8:1::/48', 'ff00::/8', '::/128', '2001:db8::/32');
    ipv6.settle();
    expect(tagsOf(ipv6)).toEqual([2, 3, 1]);
  });

  it('frees memory when most networks are inside another network', () => {
    const rows = rowsOf(4, '192.0.2.0/24', ...Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`));
    rows.settle();
    expect(rows.count).toBe(1);
    expect(rows.words).toHaveLength(2);
  });

  it.each([
    ['192.0.2.127', 0],
    ['192.0.2.128', 1],
    ['192.0.2.0/24', 0],
    ['192.0.2.129', -1],
    ['192.0.2.128/31', 1],
    ['0.0.0.0/0', 0],
    ['191.255.255.255', -1],
  ])('%s touches the row %d', (text, row) => {
    const rows = rowsOf(4, '192.0.2.0/25', '192.0.2.128');
    expect(rows.touching(spanOf(network(text)))).toBe(row);
  });

  it('knows how many leading bits two addresses share', () => {
    const rows = rowsOf(6, '2001:db8::1');
    const shared = (text: string): number => rows.sharedBits(0, spanOf(network(text)).words, 0);
    expect(['8000::', '2001:db9::', '2001:db8::', '2001:db8::1'].map((text) => shared(text))).toEqual([0, 31, 127, 128]);
  });
});
