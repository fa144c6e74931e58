// Reads networks to allow: one entry of `ignoreip`, or a file in the table format of pf.conf(5).
import { ConfigError } from '../errors.ts';
import { parseNetwork, type Network } from '../lib/address.ts';
import { printable } from '../lib/printable.ts';
import type { Named } from './networks.ts';

/** Reads one address or network; throws ConfigError that begins with `where`. */
export function parseAllowed(text: string, where: string): Network {
  const parsed = parseNetwork(text);
  if ('network' in parsed) return parsed.network;
  const quoted = `${where}: "${printable(text, 80)}"`;
  if (text.startsWith('!'))
    throw new ConfigError(`${quoted}: exceptions with "!" are not supported, list the networks that remain`);
  if (parsed.fault === 'host bits set') {
    throw new ConfigError(`${quoted}: host bits set, write ${parsed.nearest ?? 'the first address of the network'}`);
  }
  if (parsed.fault === 'prefix length out of range') throw new ConfigError(`${quoted}: prefix length out of range`);
  const name = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/i.test(text) && /[a-z]/i.test(text);
  const advice = name
    ? 'host names are not looked up, write its addresses'
    : 'write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32';
  throw new ConfigError(`${quoted}: not an address or network, ${advice}`);
}

/**
 * Reads the text of a table file: one address or network on a line, `#` begins a comment, blank lines and CRLF are fine (pf.conf(5),
 * "Tables"; pfctl takes the same). Each network is named `file:line`. Throws ConfigError for the first bad line: `file:line:col: ...`.
 */
export function parseTable(text: string, file: string): readonly Named[] {
  const networks: Named[] = [];
  const lines = (text.startsWith('\uFEFF') ? text.slice(1) : text).split('\n');
  for (const [index, line] of lines.entries()) {
    const comment = line.indexOf('#');
    const content = comment < 0 ? line : line.slice(0, comment);
    const entry = content.trim();
    if (entry === '') continue;
    const where = `${file}:${index + 1}`;
    const network = parseAllowed(entry, `${where}:${content.indexOf(entry) + 1}`);
    networks.push({ network, where });
  }
  return networks;
}
