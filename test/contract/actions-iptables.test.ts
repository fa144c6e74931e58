import { describe } from 'vitest';
import { ipset, iptables } from '../support/actions-benches.ts';
import { describeContract } from '../support/actions-contract.ts';
import { describePackets } from '../support/actions-packets.ts';
import { root } from '../support/privileges.ts';

describe.runIf(root)('in a network namespace', () => {
  describeContract('ipset', ipset, { timeouts: true, refuses: true, programs: 1 });
  describeContract('iptables', iptables, { timeouts: false, refuses: true, programs: 3 });
  describeContract('iptables, through the older interface', () => iptables(true), { timeouts: false, refuses: true, programs: 3 });
  describePackets('ipset');
  describePackets('iptables');
});
