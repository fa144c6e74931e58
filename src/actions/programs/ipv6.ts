// Whether this system speaks IPv6.
import { existsSync, readFileSync } from 'node:fs';

/** `off`: switched off for all interfaces, and anybody can switch it on again. `none`: the kernel was started or built without it. */
export type Ipv6 = 'on' | 'off' | 'none';

/** Looks into /proc (ip-sysctl.rst of the kernel: conf/all/disable_ipv6). Where there is no such thing, IPv6 counts as on. */
export function ipv6State(proc = '/proc', platform: string = process.platform): Ipv6 {
  if (platform !== 'linux') return 'on';
  if (!existsSync(`${proc}/net/if_inet6`)) return 'none';
  try {
    return readFileSync(`${proc}/sys/net/ipv6/conf/all/disable_ipv6`, 'latin1').trim() === '1' ? 'off' : 'on';
  } catch {
    return 'on';
  }
}
