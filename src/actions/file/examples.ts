// Runs the examples of an action file, for tests and `trapline check`. An example checks the commands that are made from entries, or the
// networks that are read from the output of a program.
import { ConfigError } from '../../errors.ts';
import { parseNetwork, type Network } from '../../lib/address.ts';
import { parseDuration } from '../../lib/text/duration.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Entry } from '../../words/firewall.ts';
import { commandsOf } from './commands.ts';
import { readListing } from './listing.ts';
import { optionValues } from './optionvalues.ts';
import { readActionFile, type ReadActionFile } from './read.ts';
import type { Example } from './schema.ts';

/** Reads an action file and runs its examples. Returns a line for each fault. Throws no ConfigError, but returns its message. */
export function checkActionFile(path: string): string[] {
  let read: ReadActionFile;
  try {
    read = readActionFile(path);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return [...thrown.all];
    throw thrown;
  }
  return read.file.examples.flatMap((example, index) => {
    const place = read.where(['examples', index]);
    try {
      return faultsOf(read.file, example).map((fault) => `${place}: example of ${example.verb}: ${fault}`);
    } catch (thrown) {
      if (thrown instanceof ConfigError) return [`${place}: example of ${example.verb}: ${thrown.message}`];
      throw thrown;
    }
  });
}

function faultsOf(file: ReadActionFile['file'], example: Example): string[] {
  const options = optionValues(file, example.options);
  const commands = commandsOf(file, example.verb, { options, entries: entriesOf(example), now: 0 });
  const faults: string[] = [];
  const expected = example.commands;
  if (expected && expected.length !== commands.length) faults.push(`makes ${commands.length} commands, not ${expected.length}`);
  for (const [index, command] of commands.entries()) {
    const wanted = expected?.[index];
    if (!wanted) continue;
    faults.push(...firstDifference(`argv ${index + 1}`, wanted.argv, command.argv));
    faults.push(...firstDifference(`stdin ${index + 1}`, linesOf(wanted.stdin), linesOf(command.stdin)));
    if (wanted.again !== undefined)
      faults.push(...firstDifference(`again ${index + 1}`, linesOf(wanted.again), linesOf(command.again?.())));
  }
  if (example.verb !== 'list') return faults;
  const found = commands.flatMap(({ parse }, index) =>
    parse === undefined ? [] : readListing(example.output[index] ?? '', parse),
  );
  return [...faults, ...firstDifference('networks', example.networks.map(networkOf), found)];
}

/** The entries of an example: `entries` with their ends, and `networks` without an end. In an example of `list`, `networks` are the result. */
function entriesOf(example: Example): Entry[] {
  const banned = Object.entries(example.entries).map(([text, span]) => ({ network: networkOf(text), until: endOf(span) }));
  const named = example.verb === 'list' ? [] : example.networks.map((text) => ({ network: networkOf(text), until: null }));
  return [...banned, ...named];
}

/** The end of a ban in an example, counted from instant 0; null for a ban without an end. */
function endOf(span: string | number): number | null {
  if (span === 'forever') return null;
  const millis = parseDuration(String(span));
  if (millis === undefined) throw new ConfigError(`"${printable(String(span))}" is neither a span such as 10m nor "forever"`);
  return millis;
}

function networkOf(text: string): Network {
  const read = parseNetwork(text);
  if ('fault' in read) throw new ConfigError(`"${printable(text)}": ${read.fault}`);
  return read.network;
}

function linesOf(text: string | undefined): string[] {
  return (text ?? '').split('\n').map((line) => line.trimEnd());
}

/** Describes the first difference of two lists in one line. The result is empty when the lists are equal. */
function firstDifference(what: string, wanted: readonly string[], got: readonly string[]): string[] {
  const at = Array.from({ length: Math.max(wanted.length, got.length) }).findIndex((_, index) => wanted[index] !== got[index]);
  if (at < 0) return [];
  return [`${what}, line ${at + 1}: expected ${quoted(wanted[at])}, got ${quoted(got[at])}`];
}

function quoted(text: string | undefined): string {
  return text === undefined ? 'nothing' : `"${printable(text, 200)}"`;
}
