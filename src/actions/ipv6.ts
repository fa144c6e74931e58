// Finds out whether the kernel has IPv6, and whether it is switched on.
import { existsSync, readFileSync } from 'node:fs';

/** `off`: switched off for all interfaces, and root can switch it on again. `none`: the kernel was started or built without IPv6. */
export type Ipv6 = 'on' | 'off' | 'none';

/** Reads the state from /proc (ip-sysctl.rst of the kernel: conf/all/disable_ipv6). On systems other than Linux IPv6 counts as on. */
export function ipv6State(proc = '/proc', platform: string = process.platform): Ipv6 {
  if (platform !== 'linux') return 'on';
  if (!existsSync(`${proc}/net/if_inet6`)) return 'none';
  try {
    return readFileSync(`${proc}/sys/net/ipv6/conf/all/disable_ipv6`, 'latin1').trim() === '1' ? 'off' : 'on';
  } catch {
    // A container may hide /proc/sys. `on` does no harm, because a ban that the kernel refuses is tried again later.
    return 'on';
  }
}
