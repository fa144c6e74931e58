// What both ends of the control socket agree on: HTTP/1.1 with JSON. Read by the command line too, so it imports nothing heavy.
import type { BanRow } from '../types.ts';

/** The paths. Answers under the same `/v1` never lose a key and never change its meaning. */
export const PATHS = {
  status: '/v1/status',
  bans: '/v1/bans',
  reload: '/v1/reload',
  hits: '/v1/hits',
} as const;

/** Every request there is, as it is shown to whoever asked for something else. */
export const REQUESTS: readonly (readonly [method: string, path: string])[] = [
  ['GET', PATHS.status],
  ['GET', PATHS.bans],
  ['POST', PATHS.bans],
  ['DELETE', PATHS.bans],
  ['POST', PATHS.reload],
  ['POST', PATHS.hits],
];

/** The answer to everything about bans: those listed, made or ended. */
export interface BansAnswer {
  readonly bans: readonly BanRow[];
}

/** The answer to a request that was not carried out. */
export interface ErrorAnswer {
  /** One line: what is wrong, advice. */
  readonly error: string;
  /** What a command that was told so exits with (sysexits(3)). */
  readonly exitCode: number;
}

/** The longest body, but for a stream of hits (bytes). */
export const LONGEST_BODY = 1_048_576;

/** The longest line of a stream of hits (bytes). */
export const LONGEST_LINE = 65_536;

/** Whoever sends hits and has none at the moment sends an empty line this often (milliseconds). */
export const SIGN_OF_LIFE = 15_000;
