// The capabilities of this process (capabilities(7)).
import { readFileSync } from 'node:fs';

/** The number of CAP_NET_ADMIN in linux/capability.h. Its holder may change the firewall. */
const CAP_NET_ADMIN = 12;

/**
 * True when this process certainly lacks CAP_NET_ADMIN, and so the programs that it starts lack it too. False when it has the capability, and
 * on a system without capabilities. `status`: the file `status` of the process (proc_pid_status(5), field CapEff).
 */
export function lacksNetAdmin(status = '/proc/self/status'): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(readFileSync(status, 'utf8'))?.[1];
    // oxlint-disable-next-line no-bitwise -- a mask of capabilities
    return effective !== undefined && ((BigInt(`0x${effective}`) >> BigInt(CAP_NET_ADMIN)) & 1n) === 0n;
  } catch {
    return false; // This system has no /proc, or hides it.
  }
}
