// Networks and entries for tests of actions, a log that is kept, and a bench that an action works on.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNetwork, type Network } from '../../src/lib/address.ts';
import type { Level } from '../../src/lib/log.ts';
import type { Action, Entry, Log } from '../../src/types.ts';

export function network(text: string): Network {
  const parsed = parseNetwork(text);
  if ('fault' in parsed) throw new Error(`${text}: ${parsed.fault}`);
  return parsed.network;
}

/** Banned for so many seconds from now on. */
export function entry(text: string, seconds: number | 'forever' = 600): Entry {
  return { network: network(text), until: seconds === 'forever' ? null : Date.now() + seconds * 1000 };
}

/** So many hosts, from 10.0.0.1 on. */
export function manyHosts(count: number, seconds = 600): Entry[] {
  const until = Date.now() + seconds * 1000;
  return Array.from({ length: count }, (_, index) => {
    const host = index + 1;
    return { network: network(`10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`), until };
  });
}

/** A log whose lines can be looked at: `warn: text`. */
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

/** A folder of its own under the system's temporary folder. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'trapline-actions-'));

  /** Writes a file and returns its path. */
  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.path, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Counts the programs that an action starts: each is written down by a wrapper on its way. */
export class Counter {
  readonly #file: string;
  readonly wrap: readonly string[];

  /** `inner`: what each program is wrapped in besides. */
  constructor(folder: Folder, inner: readonly string[]) {
    this.#file = folder.write('calls', '');
    const script = folder.write(
      'count',
      '#!/bin/sh\nfile="$1"; shift\nprintf "%s\\n" "$*" | cut -c -300 >>"$file"\nexec "$@"\n',
      0o755,
    );
    this.wrap = [script, this.#file, ...inner];
  }

  /** The command lines since the last time, without what they were wrapped in. */
  take(): string[] {
    const lines = readFileSync(this.#file, 'utf8').split('\n').filter(Boolean);
    writeFileSync(this.#file, '');
    return lines;
  }
}

/** A firewall, and actions over it. */
export interface Bench {
  /** A new action over the same firewall, as after a restart. */
  action(options?: Readonly<Record<string, unknown>>): Action;
  /** The programs that were started since the last time. */
  started(): string[];
  /** Seconds that the firewall gives a network, null: for ever, undefined: not there. Absent when it has no such thing. */
  remaining?(network: Network): number | null | undefined;
  remove(): void;
}
