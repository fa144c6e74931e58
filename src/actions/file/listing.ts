// Reads the networks that a firewall holds from the output of its listing command.
import { ActionError, messageOf } from '../../errors.ts';
import { parseNetwork, type Network } from '../../lib/address.ts';

/**
 * Reads the networks from a listing. With `nft-json`, the listing is the output of `nft -j list table`. Any other `parse` is a pattern that
 * is tried on each line; its only group matches an address or network. A text that is not a network is skipped. Throws ActionError when the
 * JSON of nft cannot be read.
 */
export function readListing(output: string, parse: string): readonly Network[] {
  const texts =
    parse === 'nft-json' ? elementsOf(output) : Array.from(output.matchAll(new RegExp(parse, 'gm')), (found) => found[1] ?? '');
  return [...texts].flatMap((text) => {
    const read = parseNetwork(text);
    return 'network' in read ? [read.network] : [];
  });
}

/** The flag of a dormant table: no packet passes its chains. For this flag nft 1.0.6 prints the family, here `inet`. */
const DORMANT = /dormant|inet/;

/**
 * Yields the elements of each set `..._PREFIX` that a rule uses (libnftables-json(5)). A set that no rule uses blocks nobody. A set of a
 * dormant table blocks nobody either.
 */
function* elementsOf(output: string): Iterable<string> {
  if (output === '') return;
  const items = readJson(output);
  if (items.some((item) => DORMANT.test(JSON.stringify(at(at(item, 'table'), 'flags')) ?? ''))) return;
  const rules = JSON.stringify(items.map((item) => at(at(item, 'rule'), 'expr')));
  for (const set of items.map((item) => at(item, 'set'))) {
    const name = at(set, 'name');
    const prefix = typeof name === 'string' ? /_(\d+)$/.exec(name)?.[1] : undefined;
    const elements = at(set, 'elem');
    if (prefix === undefined || !rules.includes(`"@${name as string}"`) || !Array.isArray(elements)) continue;
    for (const element of elements as readonly unknown[]) {
      const value = typeof element === 'string' ? element : at(at(element, 'elem'), 'val');
      if (typeof value === 'string') yield `${value}/${prefix}`;
    }
  }
}

/** The value of a key. Undefined when `thing` is not an object (null, a number, a text) or does not have the key. */
function at(thing: unknown, key: string): unknown {
  return typeof thing === 'object' && thing !== null ? (thing as Readonly<Record<string, unknown>>)[key] : undefined;
}

function readJson(output: string): readonly unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(output);
  } catch (thrown) {
    throw new ActionError(`the listing that nft printed is not JSON: ${messageOf(thrown)}`, { cause: thrown });
  }
  const items = at(parsed, 'nftables');
  return Array.isArray(items) ? (items as readonly unknown[]) : [];
}
