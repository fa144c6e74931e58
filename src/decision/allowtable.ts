// Parses networks to allow: one entry of `ignoreip`, or a file in the table format of pf.conf(5).
import { ConfigError } from '../errors.ts';
import { networkFaultText, parseNetwork, type Network } from '../lib/address.ts';
import { printable } from '../lib/text/printable.ts';
import type { Named } from './networks.ts';

/** Parses one address or network. Throws a ConfigError whose text begins with `where`. */
export function parseAllowed(text: string, where: string): Network {
  const parsed = parseNetwork(text);
  if ('network' in parsed) return parsed.network;
  if (text.startsWith('!')) {
    const quoted = `"${printable(text, 64)}"`;
    throw new ConfigError(`${where}: ${quoted}: exceptions with "!" are not supported, list the networks that remain`);
  }
  const advice =
    parsed.fault === 'not an address or network'
      ? ', write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; host names are not looked up'
      : '';
  throw new ConfigError(`${where}: ${networkFaultText(text, parsed)}${advice}`);
}

/**
 * Parses the text of a table file, which has one address or network on each line. `#` begins a comment; blank lines and CRLF are allowed
 * (pf.conf(5), "Tables"; pfctl reads such a file, too). Each network is named `file:line`. Throws ConfigError for the first bad line:
 * `file:line:col: ...`.
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
