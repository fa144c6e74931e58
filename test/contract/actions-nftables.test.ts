import { describe } from 'vitest';
import { nftables } from '../support/actions-benches.ts';
import { describeContract } from '../support/actions-contract.ts';
import { describePackets } from '../support/actions-packets.ts';
import { root } from '../support/privileges.ts';

describe.runIf(root)('in a network namespace', () => {
  describeContract('nftables', nftables, { timeouts: true, refuses: true, programs: 1 });
  describePackets('nftables');
});
