// Makes lists of networks from the entries of one batch, for the templates of an action file. The functions have no side effects.
import { familyOf, firstAddress, formatNetwork, isHost, networkOf, parseAddress, prefixOf } from '../../lib/address.ts';
import type { Family, Network } from '../../lib/address.ts';
import type { Entry } from '../../words/firewall.ts';
import type { Millis } from '../../words/ports.ts';

/** A network, with the fields that templates can use. */
export interface Element {
  readonly family: Family;
  /** The network with its prefix length: `192.0.2.7/32`. */
  readonly network: Network;
  /** The network as people write it: `192.0.2.7`, `2001:db8::/64`. */
  readonly text: string;
  /** The first address of the network. */
  readonly address: string;
  /** Seconds until the ban ends; 0 for a ban without an end. */
  readonly seconds: number;
  readonly permanent: boolean;
}

/** The elements of one family and prefix length, with the fields that templates can use. */
export interface Group {
  readonly family: Family;
  readonly v6: boolean;
  readonly prefix: number;
  /** True for /32 and /128. */
  readonly host: boolean;
  /** The netmask, such as `255.255.255.0` or `ffff:ffff:ffff:ffff::`. */
  readonly mask: string;
  /** True when the group has elements. */
  readonly any: boolean;
  readonly elements: readonly Element[];
}

/** The lists that a template can name besides options. */
export interface Lists {
  readonly all: readonly Element[];
  readonly hosts: readonly Element[];
  readonly groups: readonly Group[];
}

/** The field names of Lists, Group and Element. */
export const LIST_NAMES: readonly string[] =
  'all hosts groups network text address seconds permanent family v6 prefix host mask any elements'.split(' ');

/** With `usual`, these groups exist even without elements. They have the default prefix lengths of jails, and /128. */
const USUAL: readonly (readonly [Family, number])[] = [
  [4, 32],
  [6, 64],
  [6, 128],
];

const ONES: Readonly<Record<Family, string>> = { 4: '255.255.255.255', 6: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' };

/** How `listsOf` counts seconds and groups. */
interface ListOptions {
  /** Seconds are counted from this instant and rounded up. The least value is 1. */
  readonly now: Millis;
  /** Seconds are at most this number. Default: no limit. */
  readonly longest?: number | undefined;
  /** Adds the groups of USUAL that have no entries. */
  readonly usual?: boolean;
}

/** Sorts entries into the lists that templates name. */
export function listsOf(entries: readonly Entry[], { now, longest = Number.MAX_SAFE_INTEGER, usual = false }: ListOptions): Lists {
  const members = new Map<string, Element[]>();
  if (usual) for (const [family, prefix] of USUAL) members.set(`${family}/${prefix}`, []);
  const all = entries.map(({ network, until }) => {
    const element: Element = {
      family: familyOf(network),
      network,
      text: formatNetwork(network),
      address: firstAddress(network),
      seconds: until === null ? 0 : Math.min(longest, Math.max(1, Math.ceil((until - now) / 1000))),
      permanent: until === null,
    };
    const key = `${familyOf(network)}/${prefixOf(network)}`;
    const group = members.get(key);
    if (group) group.push(element);
    else members.set(key, [element]);
    return element;
  });
  const groups = [...members].map(([key, elements]) => groupOf(key.startsWith('6') ? 6 : 4, Number(key.slice(2)), elements));
  return { all, hosts: all.filter((element) => isHost(element.network)), groups };
}

function groupOf(family: Family, prefix: number, elements: readonly Element[]): Group {
  const ones = parseAddress(ONES[family]);
  const mask = ones ? firstAddress(networkOf(ones, prefix)) : '';
  return { family, v6: family === 6, prefix, host: mask === ones, mask, any: elements.length > 0, elements };
}
