// Explains why the kernel does not let a program change the firewall.
import { basename } from 'node:path';
import { lacksNetAdmin } from '../../lib/children/capabilities.ts';

/** The programs that need CAP_NET_ADMIN: nft(8), ipset(8), iptables(8) and ip6tables(8) with their variants. */
const NEEDS_NET_ADMIN = /^(?:nft|ipset|ip6?tables(?:-[a-z]+)*)$/;

/**
 * How these programs report EPERM and EACCES: `Operation not permitted (you must be root)` of nft, `Permission denied (you must be root)` of
 * iptables, `Kernel error received: Operation not permitted` of ipset.
 */
const DENIED = /Operation not permitted|Permission denied|you must be root/;

/** The reason of a refusal. When the missing capability is the cause, it is named, with the place where it can be missing. */
export function withAdvice(argv: readonly string[], reason: string, lacks: () => boolean = lacksNetAdmin): string {
  if (!NEEDS_NET_ADMIN.test(basename(argv[0] ?? '')) || !DENIED.test(reason) || !lacks()) return reason;
  return `${reason}: CAP_NET_ADMIN is missing (a container? see "systemctl cat trapline")`;
}
