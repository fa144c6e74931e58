import { describe, expect, it } from 'vitest';
import { withAdvice } from '../../../src/actions/programs/denied.ts';

const lacks = (): boolean => true;

/** What the programs print without CAP_NET_ADMIN: nft 1.0.6, iptables 1.8.9 (nf_tables) and ipset 7.17 of Debian 12. */
const NFT = 'Operation not permitted (you must be root)';
const IPTABLES = 'iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)';
const IPSET = 'ipset v7.17: Kernel error received: Operation not permitted';

const ADVICE = ': CAP_NET_ADMIN is missing (a container? see "systemctl cat trapline")';

describe('the refusal of a firewall program', () => {
  it.each([
    [['nft', '-f', '-'], NFT],
    [['/usr/sbin/nft', '-f', '-'], NFT],
    [['iptables', '-w', '-t', 'raw', '-L'], IPTABLES],
    [['ip6tables-nft-restore', '-n'], IPTABLES],
    [['ipset', 'restore'], IPSET],
  ])('names the missing capability: %j', (argv, reason) => {
    expect(withAdvice(argv, reason, lacks)).toBe(`${reason}${ADVICE}`);
  });

  it('has no advice when the process has the capability, for another reason, and for another program', () => {
    expect(withAdvice(['nft'], NFT, () => false)).toBe(NFT);
    expect(withAdvice(['nft'], 'Error: syntax error', lacks)).toBe('Error: syntax error');
    expect(withAdvice(['/usr/local/bin/tell'], 'tell: /srv/x: Permission denied', lacks)).toBe('tell: /srv/x: Permission denied');
    expect(withAdvice([], NFT, lacks)).toBe(NFT);
  });
});
