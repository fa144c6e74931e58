// Runs one rendered command of an action, and reads what came back: done, refused, or the networks that a firewall holds.
import { ActionError, errnoOf, messageOf } from '../../errors.ts';
import { parseNetwork, type Network } from '../../lib/address.ts';
import { exec, findProgram, type ExecResult } from '../../lib/exec.ts';
import { printable } from '../../lib/printable.ts';
import type { Millis } from '../../types.ts';

/** A command with nothing left to fill in. */
export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string;
}

/** How a command ended: with its output, or with the reason that the program gave for its failure (one line). */
export type Outcome = { readonly output: string } | { readonly refused: string };

/** What every command of an action runs with. */
export interface Terms {
  /** Milliseconds after which a command is killed with all its children. */
  readonly deadline: Millis;
  /** Put in front of every argv: `ip netns exec NAME`. */
  readonly wrap?: readonly string[];
  /** What to install when a program is missing, by the name of the program. */
  readonly install?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Bytes of the longest list that is read: some two million addresses. */
export const LONGEST_LIST = 256 * 1024 * 1024;

/** Standard error is for people: more than this is not looked at. */
const REASON_LENGTH = 300;

/**
 * Runs a command. A non-zero exit is an outcome, unless each line on standard error matches `ignore`. Rejects with ActionError when the
 * program is missing, hangs, is killed, or writes more than the `keep` bytes that were asked for: then it cannot be the fault of a single
 * address. Without `keep` the output is of no interest.
 */
export async function run(command: Command, terms: Terms, reading: { ignore?: RegExp; keep?: number } = {}): Promise<Outcome> {
  const { ignore, keep } = reading;
  const shown = shownOf(command.argv);
  const result = await start(command, terms, shown, keep);
  if (result.timedOut) throw new ActionError(`${shown}: did not end within ${terms.deadline / 1000} s; killed with its children`);
  if (result.signal !== null) throw new ActionError(`${shown}: ended by ${result.signal}`);
  if (result.code !== 0) {
    const lines = linesOf(result.stderr);
    if (ignore && lines.length > 0 && lines.every((line) => ignore.test(line))) return { output: '' };
    return { refused: `${shown}: ${reasonIn(result.stderr) ?? `exit code ${result.code}`}` };
  }
  if (result.cut && keep !== undefined) throw new ActionError(`${shown}: the answer is longer than ${keep} bytes`);
  return { output: result.stdout };
}

async function start(command: Command, terms: Terms, shown: string, keep?: number): Promise<ExecResult> {
  const argv = [...(terms.wrap ?? []), ...command.argv];
  try {
    return await exec(argv, {
      input: command.stdin ?? '',
      deadline: terms.deadline,
      ...(keep === undefined ? {} : { keep }),
      ...(terms.signal ? { signal: terms.signal } : {}),
    });
  } catch (thrown) {
    const program = argv[0] ?? '';
    // EACCES also when a folder of the PATH cannot be searched.
    if (errnoOf(thrown) === 'ENOENT' || (errnoOf(thrown) === 'EACCES' && !program.includes('/') && !findProgram(program))) {
      const advice = terms.install?.[program];
      throw new ActionError(`${program}: not found, ${advice === undefined ? 'install it' : `install ${advice}`}`, {
        cause: thrown,
      });
    }
    throw new ActionError(`${shown}: cannot be started: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** A command line as messages show it. */
export function shownOf(argv: readonly string[]): string {
  return printable(argv.slice(0, 12).join(' '), 120);
}

/** Why a program refused what it was told: the first line on its standard error that says something, printable. */
export function reasonIn(stderr: string): string | undefined {
  const [first] = linesOf(stderr);
  return first === undefined ? undefined : printable(first, REASON_LENGTH);
}

/** Lines that say something: iptables puts its warnings behind `#`. */
function linesOf(stderr: string): string[] {
  return stderr
    .slice(0, 65_536)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/**
 * Reads the networks from a listing: `nft-json` is what `nft -j list table` prints, anything else a pattern whose one group is an address
 * or network, tried on each line. What is no network is left out. Throws ActionError when the JSON is none.
 */
export function readListing(output: string, parse: string): readonly Network[] {
  const texts =
    parse === 'nft-json' ? elementsOf(output) : Array.from(output.matchAll(new RegExp(parse, 'gm')), (found) => found[1] ?? '');
  return [...texts].flatMap((text) => {
    const read = parseNetwork(text);
    return 'network' in read ? [read.network] : [];
  });
}

interface NftItem {
  readonly set?: { readonly name: string; readonly elem?: readonly (string | { readonly elem?: { readonly val?: unknown } })[] };
  readonly rule?: { readonly expr?: unknown };
}

/** Elements of sets named `..._PREFIX` that a rule looks into, see libnftables-json(5). A set without a rule blocks nobody. */
function* elementsOf(output: string): Iterable<string> {
  if (output === '') return;
  const items = readJson(output);
  const rules = JSON.stringify(items.flatMap((item) => item.rule?.expr ?? []));
  for (const { set } of items) {
    const prefix = /_(\d+)$/.exec(set?.name ?? '')?.[1];
    if (!set || prefix === undefined || !rules.includes(`"@${set.name}"`)) continue;
    for (const element of set.elem ?? []) {
      const value = typeof element === 'string' ? element : element.elem?.val;
      if (typeof value === 'string') yield `${value}/${prefix}`;
    }
  }
}

function readJson(output: string): readonly NftItem[] {
  try {
    const parsed = JSON.parse(output) as { nftables?: unknown };
    return Array.isArray(parsed.nftables) ? (parsed.nftables as readonly NftItem[]) : [];
  } catch (thrown) {
    throw new ActionError(`the list that nft printed is no JSON: ${messageOf(thrown)}`, { cause: thrown });
  }
}
