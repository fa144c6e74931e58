// A second check against forged lines, besides the proof in the compiler. It inserts the text of a whole hit with a stranger's address
// wherever a client can write in the example lines of a filter. Then it checks whether the stranger is found. Unlike the proof, this check
// runs the real matcher.
import { parseAddress, type Address } from '../lib/address.ts';
import { printable } from '../lib/text/printable.ts';
import type { Batch, Hit } from '../words/walk.ts';
import type { CompiledFilter, Example } from './file/load.ts';
import { ANY_START, usualForm } from './linestart/linestart.ts';
import { latin1, type Places, type Span } from './pattern/compile.ts';

/**
 * The maximum number of lines that are made from the examples of one filter; they take two seconds. If the examples allow more lines, only some
 * positions are tried. The shipped filters need up to 7,000 lines.
 */
const MOST_LINES = 50_000;

/** Strangers' addresses of both families (documentation addresses of RFC 5737 and RFC 3849). */
const STRANGERS = ['198.51.100.1', '2001:db8:ffff::1'];

/** Replaces an address of STRANGERS that is the address of the example. */
const ANOTHER = '192.0.2.99';

/** The longest forged line that is shown, in characters. */
const LONGEST_SHOWN = 600;

/**
 * Tries to forge each example that is a hit. All rules of the filter must be on in `match`. Returns a problem, as `file:line:col: text`, for
 * each example in which `match` finds an address other than the address of the example's client.
 */
export function forgeExamples(filter: CompiledFilter, match: (batch: Batch) => readonly Hit[]): readonly string[] {
  const hits = filter.examples.flatMap((example) => forgeablesOf(example, filter));
  const most = Math.floor(MOST_LINES / Math.max(1, hits.length));
  return hits.flatMap(({ example, address, planted }) => {
    for (const line of planted(most)) {
      const bytes = Buffer.from(`${line}\n`, 'latin1');
      const other = match({ source: 'forged example', bytes, at: 0, cursor: undefined }).find((hit) => hit.address !== address);
      if (!other) continue;
      const shown = printable(bytes.toString('utf8').trimEnd(), LONGEST_SHOWN);
      return [
        `${example.where}: example can be forged, ${address} could get ${other.address} banned by rule "${other.rule}" with "${shown}"`,
      ];
    }
    return [];
  });
}

/** An example that is a hit, and the lines that a client could make from it. */
interface Forgeable {
  readonly example: Example;
  readonly address: Address;
  readonly planted: (most: number) => Iterable<string>;
}

/** Returns a Forgeable for each pattern that matches the example. */
function forgeablesOf(example: Example, filter: CompiledFilter): readonly Forgeable[] {
  const address = parseAddress(example.expected?.address ?? '');
  if (address === undefined) return [];
  const patterns = filter.rules.flatMap(({ name, patterns: own }) => (name === example.expected?.rule ? own : []));
  const written = latin1(example.line);
  return patterns.flatMap((pattern) => {
    const line = pattern.program === undefined ? written : usualForm(written);
    const places = pattern.placesIn(line);
    // An example in which the pattern finds another address is left out, because runExamples reports it.
    return places && parseAddress(line.slice(...places.address)) === address
      ? [{ example, address, planted: (most: number) => plant(line, places, address, most) }]
      : [];
  });
}

/**
 * Yields the lines with a hit inserted at each position of each stretch (text that a client can write). If there are more than `most` lines,
 * yields only a part of them, evenly spread.
 */
function* plant(line: string, { address: [from, to], stretches }: Places, own: Address, most: number): Generator<string> {
  const strangers = STRANGERS.map((stranger) => (stranger === own ? ANOTHER : stranger));
  const hits = strangers.flatMap((stranger) => hitsOf(line, [from, to], stretches, stranger));
  const positions = stretches.flatMap(([start, end]) => Array.from({ length: end - start + 1 }, (_, offset) => start + offset));
  const every = Math.max(1, Math.ceil((positions.length * hits.length) / most));
  for (const [index, position] of positions.entries()) {
    if (index % every !== 0) continue;
    for (const hit of hits) yield `${line.slice(0, position)}${hit}${line.slice(position)}`;
  }
}

/**
 * The texts to insert: parts of the line with a stranger's address. They begin at the start or end of a stretch, at the message, or at the
 * start of the line.
 */
function hitsOf(line: string, [from, to]: Span, stretches: readonly Span[], stranger: string): readonly string[] {
  const starts = [...stretches.flat(), ANY_START.exec(line)?.[0].length ?? 0, 0];
  const texts = starts.map((start) =>
    start <= from ? `${line.slice(start, from)}${stranger}${line.slice(to)}` : line.slice(start),
  );
  return [...new Set(texts)].filter((text) => text.includes(stranger));
}
