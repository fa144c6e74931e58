// The types of daemon.mjs.
import type { ChildProcess } from 'node:child_process';
import type { BanRow, Status } from '../../../src/words/desk.ts';

export declare const PROGRAM: readonly [string, string];

export declare function compile(): void;

export declare function trapLine(address: string, options?: { at?: number; number?: number; trap?: string }): string;

export declare function otherLine(number: number, at?: number): string;

export declare function eventually<T>(what: string, holds: () => T | Promise<T>, deadline?: number): Promise<NonNullable<T>>;

export declare class World {
  readonly folder: string;
  readonly log: string;
  readonly state: string;
  before: readonly string[];
  program: readonly [string, string];
  readonly socket: string;
  readonly config: string;
  readonly said: string;
  readonly child: ChildProcess | undefined;
  outputs: 'pipe' | number;
  constructor(options?: { config?: string; before?: readonly string[]; namespace?: boolean });
  configure(config: string): void;
  inside(...argv: readonly string[]): readonly string[];
  run(...argv: readonly string[]): string;
  spawn(): ChildProcess;
  start(deadline?: number): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<{ code: number | null; took: number }>;
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
  status(): Promise<Status>;
  bans(): Promise<readonly BanRow[]>;
  ban(networks: readonly string[], rest?: { duration?: number | null }): Promise<unknown>;
  unban(networks: readonly string[]): Promise<unknown>;
  reload(): Promise<unknown>;
  write(...lines: readonly string[]): void;
  firewall(): ReadonlyMap<string, number | null>;
  holds(addresses: readonly string[]): boolean;
  rows(sql: string, ...values: readonly (string | number)[]): readonly Record<string, unknown>[];
  memory(): { now: number; most: number };
  remove(): Promise<void>;
}
