// Networks, entries, changes, a log and temporary folders for tests of actions.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNetwork, type Network } from '../../../src/lib/address.ts';
import type { Level } from '../../../src/lib/text/log.ts';
import type { Action, Change, Entry } from '../../../src/words/firewall.ts';
import type { Log } from '../../../src/words/ports.ts';

export function network(text: string): Network {
  const parsed = parseNetwork(text);
  if ('fault' in parsed) throw new Error(`${text}: ${parsed.fault}`);
  return parsed.network;
}

/** An entry that ends `seconds` from now. */
export function entry(text: string, seconds: number | 'forever' = 600): Entry {
  return { network: network(text), until: seconds === 'forever' ? null : Date.now() + seconds * 1000 };
}

/** `count` hosts, beginning with 10.0.0.1. */
export function manyHosts(count: number, seconds = 600): Entry[] {
  const until = Date.now() + seconds * 1000;
  return Array.from({ length: count }, (_, index) => {
    const host = index + 1;
    return { network: network(`10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`), until };
  });
}

/** The methods of the Enforcer that `set` and `lift` use. */
interface Door {
  readonly names: readonly string[];
  enforce(changes: readonly Change[]): Promise<void>;
}

/** Makes every action ban the networks of these entries. */
export function set(door: Door, hold: readonly Entry[]): Promise<void> {
  return door.enforce(door.names.map((action) => ({ action, hold, free: [] })));
}

/** Makes every action lift the bans of these networks. */
export function lift(door: Door, free: readonly Network[]): Promise<void> {
  return door.enforce(door.names.map((action) => ({ action, hold: [], free })));
}

/** Returns the networks that a firewall bans, sorted. A check against an empty ledger returns all of them as extra networks. */
export async function heldBy(action: Action): Promise<Network[]> {
  const drift = await action.check(() => []);
  if (drift.kind !== 'listed') throw new Error(`${action.name}: cannot be listed`);
  return drift.extra.toSorted();
}

/** A log that keeps its lines, such as `warn: text`. */
export class KeptLog {
  readonly lines: string[] = [];
  readonly log: Log = {
    debug: (text) => this.#keep('debug', text),
    info: (text) => this.#keep('info', text),
    notice: (text) => this.#keep('notice', text),
    warn: (text) => this.#keep('warn', text),
    error: (text) => this.#keep('error', text),
  };

  #keep(level: Level, text: string): void {
    this.lines.push(`${level}: ${text}`);
  }
}

/** A new folder in the temporary folder of the system. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'trapline-actions-'));

  /** Writes a file and returns its path. */
  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.path, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** Removes a file. */
  take(name: string): void {
    rmSync(join(this.path, name));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Records the programs that an action starts. A wrapper writes the command line of each program to a file. */
export class Counter {
  readonly #file: string;
  readonly wrap: readonly string[];

  /** `inner`: the words of another wrapper, between this wrapper and the program. */
  constructor(folder: Folder, inner: readonly string[]) {
    this.#file = folder.write('calls', '');
    const script = folder.write(
      'count',
      '#!/bin/sh\nfile="$1"; shift\nprintf "%s\\n" "$*" | cut -c -300 >>"$file"\nexec "$@"\n',
      0o755,
    );
    this.wrap = [script, this.#file, ...inner];
  }

  /** Returns the command lines that were recorded since the last call, without wrappers. */
  take(): string[] {
    const lines = readFileSync(this.#file, 'utf8').split('\n').filter(Boolean);
    writeFileSync(this.#file, '');
    return lines;
  }
}

/** A firewall for tests, and actions that use it. */
export interface Bench {
  /** Makes another action that uses this firewall, as a restart does. */
  action(options?: Readonly<Record<string, unknown>>): Action;
  /** The command lines of the programs that were started since the last call. */
  started(): string[];
  /** Seconds until the firewall ends the ban of a network. Null: never. Undefined: there is no ban. A firewall without time-outs lacks the method. */
  remaining?(network: Network): number | null | undefined;
  remove(): void;
}
