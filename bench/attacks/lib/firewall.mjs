// Makes stand-ins for the programs of a firewall, and reads the bans of ipset and iptables.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders of the real programs. */
export const REAL = '/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Puts a shell script in front of a program in the PATH of the daemon, from its next start on. In the script `$REAL` is the path of the real
 * program, and `$HERE` is a folder in which the attack can leave files for the script. Returns the path of the script.
 */
export function fake(world, name, script) {
  const folder = join(world.folder, 'bin');
  mkdirSync(folder, { recursive: true });
  world.before = ['env', `PATH=${folder}:${process.env.PATH}`];
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/bash\nREAL=/usr/sbin/${name}\nHERE=${world.folder}\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Writes an action file into the world's own folder of actions, and returns the lines of the configuration that use it. */
export function ownAction(world, name, text) {
  const folder = join(world.folder, 'actions');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.yaml`), text);
  chmodSync(folder, 0o755);
  return `actions_folder: '${folder}'`;
}

/** Hosts of a documentation network. */
export const hosts = (count, from = 1) => Array.from({ length: count }, (_, index) => `203.0.113.${from + index}`);

const hex = (number) => number.toString(16);

/** Any number of networks /64 of the documentation network of IPv6, as listings show them. */
export function networks6(count) {
  return Array.from({ length: count }, (_, index) => `2001:db8:${hex((index + 1) >> 16)}:${hex((index + 1) & 0xffff)}::/64`);
}

const bare = (network) => network.replace(network.includes(':') ? /\/128$/ : /\/32$/, '');

/** Lets the world read bans from the sets of ipset, or from the rules of iptables, instead of nftables. */
export function reads(world, type) {
  const texts = {
    ipset: () => [4, 6].map((family) => world.run('ipset', 'save', `trapline${family}`)).join(''),
    iptables: () => ['iptables', 'ip6tables'].map((program) => world.run(program, '-t', 'raw', '-S')).join(''),
  };
  const pattern = { ipset: /^add \S+ (\S+)/gm, iptables: /^-A TRAPLINE-BANS -s (\S+) -j DROP$/gm };
  world.firewall = () => {
    try {
      return new Map(Array.from(texts[type]().matchAll(pattern[type]), ([, network]) => [bare(network), null]));
    } catch {
      return new Map(); // The sets do not exist at the moment.
    }
  };
  world.holds = (addresses) => addresses.every((address) => world.firewall().has(address));
}

/** Asks the daemon for its status, and resolves to the state of the action with this name. */
export async function action(world, name) {
  return (await world.status()).actions.find((one) => one.name === name);
}
