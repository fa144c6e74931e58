// Runs the examples of an action file: entries to the very commands, a program's answer to networks. For the tests and for `trapline check`.
import { ConfigError } from '../errors.ts';
import { parseNetwork, type Network } from '../lib/address.ts';
import { parseDuration } from '../lib/duration.ts';
import { printable } from '../lib/printable.ts';
import type { Entry } from '../types.ts';
import { readActionFile, type ReadActionFile } from './load.ts';
import { readListing } from './programs/run.ts';
import { commandsOf } from './render.ts';
import { readOptions, type Example } from './schema.ts';

/** Reads an action file and runs its examples; one line for each thing that is wrong with it, none when all is well. Never throws. */
export function checkActionFile(path: string): string[] {
  let read: ReadActionFile;
  try {
    read = readActionFile(path);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return [thrown.message];
    throw thrown;
  }
  return read.file.examples.flatMap((example, index) => {
    const place = read.where(['examples', index]);
    try {
      return problemsOf(read.file, example).map((problem) => `${place}: example of ${example.verb}: ${problem}`);
    } catch (thrown) {
      if (thrown instanceof ConfigError) return [`${place}: example of ${example.verb}: ${thrown.message}`];
      throw thrown;
    }
  });
}

function problemsOf(file: ReadActionFile['file'], example: Example): string[] {
  const options = readOptions(file, example.options);
  const commands = commandsOf(file, options, example.verb, entriesOf(example), 0);
  const problems: string[] = [];
  const expected = example.commands;
  if (expected && expected.length !== commands.length)
    problems.push(`comes to ${commands.length} commands, not ${expected.length}`);
  for (const [index, command] of commands.entries()) {
    const wanted = expected?.[index];
    if (!wanted) continue;
    problems.push(...difference(`argv ${index + 1}`, wanted.argv, command.argv));
    problems.push(...difference(`stdin ${index + 1}`, linesOf(wanted.stdin), linesOf(command.stdin)));
    if (wanted.again !== undefined)
      problems.push(...difference(`again ${index + 1}`, linesOf(wanted.again), linesOf(command.again?.())));
  }
  if (example.verb !== 'list') return problems;
  const found = commands.flatMap(({ step }, index) =>
    step.parse === undefined ? [] : readListing(example.output[index] ?? '', step.parse),
  );
  return [...problems, ...difference('networks', example.networks.map(networkOf), found)];
}

function entriesOf(example: Example): Entry[] {
  const banned = Object.entries(example.entries).map(([text, span]) => ({ network: networkOf(text), until: endOf(span) }));
  const named = example.verb === 'list' ? [] : example.networks.map((text) => ({ network: networkOf(text), until: null }));
  return [...banned, ...named];
}

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

/** The first place where two lists differ, told in one line. */
function difference(what: string, wanted: readonly string[], got: readonly string[]): string[] {
  const at = Array.from({ length: Math.max(wanted.length, got.length) }).findIndex((_, index) => wanted[index] !== got[index]);
  if (at < 0) return [];
  return [`${what}, line ${at + 1}: expected ${quoted(wanted[at])}, got ${quoted(got[at])}`];
}

function quoted(text: string | undefined): string {
  return text === undefined ? 'nothing' : `"${printable(text, 200)}"`;
}
