// The protocol of the control socket: HTTP/1.1 with JSON, for server and client. Every command loads this file, so it imports no package
// that would slow down the start of commands.

/** The paths. Later releases keep every key of the answers under `/v1`, and the meaning of every key. */
export const PATHS = {
  status: '/v1/status',
  bans: '/v1/bans',
  reload: '/v1/reload',
  hits: '/v1/hits',
} as const;

/**
 * The header of a ban or unban in which the client names the user who makes the request. Its value is encoded as a component of a URI. A header is
 * used because a daemon of an older version refuses unknown keys of a body, but ignores unknown headers.
 */
export const BY_HEADER = 'trapline-by';

/** All requests; the answer to an unknown request lists them. */
export const REQUESTS: readonly (readonly [method: string, path: string])[] = [
  ['GET', PATHS.status],
  ['GET', PATHS.bans],
  ['POST', PATHS.bans],
  ['DELETE', PATHS.bans],
  ['POST', PATHS.reload],
  ['POST', PATHS.hits],
];

/** The longest body that is not a stream of hits (bytes). */
export const LONGEST_BODY = 1_048_576;

/** The longest line of a stream of hits (bytes). */
export const LONGEST_LINE = 65_536;

/** A client that has no hits to send at the moment sends an empty line this often, so that the daemon keeps the connection (milliseconds). */
export const SIGN_OF_LIFE = 15_000;
