// Works out when and for how long a jail bans, from its own options and the defaults. Refuses options that contradict each other.
import type { Policy } from '../decision/options.ts';
import { ConfigError } from '../errors.ts';
import { formatDuration } from '../lib/text/duration.ts';
import type { Where } from '../lib/yaml/yaml.ts';
import type { Written } from './schema.ts';

type WrittenPolicy = { readonly [Key in keyof Written['defaults']]?: Written['defaults'][Key] | undefined };

type Place = (key: keyof WrittenPolicy) => string;

/** Without `bantime_max`, bans grow up to this length (milliseconds). If `bantime` is longer, all bans have the length `bantime`. */
const BANTIME_MAX = 86_400_000;

/**
 * Works out the policy of the jail `name`: its own options, and the defaults for options that it does not set. Without a name, works out
 * the policy of the defaults.
 * Throws ConfigError, with the place, for options that contradict each other.
 */
export function resolvePolicy(own: WrittenPolicy, value: Written, name: string | undefined, where: Where): Policy {
  const from = value.defaults;
  const place: Place = (key) => where(name === undefined || own[key] === undefined ? ['defaults', key] : ['jails', name, key]);
  const findtime = own.findtime ?? from.findtime;
  if (findtime > value.hit_retention) {
    throw new ConfigError(
      `${place('findtime')}: "findtime" is longer than "hit_retention", shorten "findtime" or raise "hit_retention"`,
    );
  }
  return {
    maxretry: own.maxretry ?? from.maxretry,
    findtime,
    bantime: bantimeOf(own, from),
    increment: incrementOf(own, from, place),
    ipv4Prefix: own.ipv4_prefix ?? from.ipv4_prefix,
    ipv6Prefix: own.ipv6_prefix ?? from.ipv6_prefix,
    // Messages find the place of an entry in the file by its index in this list. So the defaults come first, and repeated entries stay.
    ignoreip: [...from.ignoreip, ...(own.ignoreip ?? [])],
  };
}

/** The jail's own bantime, or the default if it is undefined. Null is a value: `forever`. */
function bantimeOf(own: WrittenPolicy, from: Written['defaults']): number | null {
  return own.bantime === undefined ? from.bantime : own.bantime;
}

function incrementOf(own: WrittenPolicy, from: Written['defaults'], place: Place): Policy['increment'] {
  const bantime = bantimeOf(own, from);
  if (bantime === null || !(own.bantime_increment ?? from.bantime_increment)) return undefined;
  const most = own.bantime_max ?? from.bantime_max;
  if (most !== undefined && most < bantime) {
    const spans = `"bantime_max: ${formatDuration(most)}" is shorter than "bantime: ${formatDuration(bantime)}"`;
    throw new ConfigError(`${place('bantime_max')}: ${spans}, raise "bantime_max" or leave it out`);
  }
  const max = most ?? Math.max(BANTIME_MAX, bantime);
  return { factor: own.bantime_factor ?? from.bantime_factor, max, forget: own.bantime_forget ?? from.bantime_forget };
}
