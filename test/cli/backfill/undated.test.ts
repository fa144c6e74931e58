import { describe, expect, it } from 'vitest';
import { summaryText } from '../../../src/cli/backfill/result.ts';
import { Undated } from '../../../src/cli/backfill/undated.ts';
import { parseAddress } from '../../../src/lib/address.ts';
import type { Hit } from '../../../src/words/walk.ts';
import { ZERO } from '../../support/control/desk.ts';

const address = parseAddress('192.0.2.10');
if (address === undefined) throw new Error('no address');
const hit: Hit = { jail: 'spamtrap', rule: 'recipient', address, at: 0, key: '0', fields: {} };

describe('the hits of a backfill whose dates cannot be read', () => {
  it('N011: are left out and counted, and the summary shows the first of them', () => {
    const undated = new Undated();
    expect(undated.without([hit, { ...hit, undated: 'Nov 31 10:00:00 mx \u001b' }, { ...hit, undated: 'x' }])).toEqual([hit]);
    expect(undated.count).toBe(2);
    const read = { files: 1, bytes: 100, dryRun: false, outside: 0, foreign: false };
    for (const hits of [0, 1])
      expect(summaryText({ ...ZERO, hits }, { ...read, undated })).toMatch(
        /; 2 hits left out because the date cannot be read, the first line begins with "Nov 31 10:00:00 mx \\u\{1b\}"$/,
      );
    expect(summaryText(ZERO, { ...read, undated: new Undated() })).not.toContain('left out');
  });
});
