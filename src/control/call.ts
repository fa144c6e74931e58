// The client of the control socket: sends requests to the running daemon. Every command loads this file, so it imports no package that would
// slow down the start of commands.
import { request as open } from 'node:http';
import { isListening } from '../lib/http/listening.ts';
import type { BanRow, Orders, Status } from '../words/desk.ts';
import type { Answers } from './answers.ts';
import { answerOf, noAnswer, sendHits, unreachable } from './exchange.ts';
import { BY_HEADER, PATHS } from './protocol.ts';

/**
 * A running daemon, as its clients see it. Every call rejects with the error that the daemon sent: UsageError, ConfigError or else
 * ControlError.
 */
export interface ControlClient extends Orders {
  status(): Promise<Status>;
  /** The bans in force, the oldest first. With `within`: the bans inside this network, and the bans of the networks that contain it. */
  bans(within?: string): Promise<readonly BanRow[]>;
}

/** How long an answer may take. For a stream of hits, this is the time after its last hit (milliseconds). */
const ANSWER_TIME = 60_000;

/** A client of the daemon at the socket. It connects for each call. `time`: how long an answer may take (milliseconds). */
export function callControl(socket: string, options: { readonly time?: number } = {}): ControlClient {
  const time = options.time ?? ANSWER_TIME;
  const ask = async <Kind extends keyof Answers>(
    kind: Kind,
    method: string,
    path: string,
    body?: unknown,
    by?: string,
  ): Promise<Answers[Kind]> => {
    const text = body === undefined ? '' : JSON.stringify(body);
    // Without this header, Node sends the body of a DELETE without its length, and a server cannot read the body.
    const length = { 'content-length': Buffer.byteLength(text) };
    const headers = by === undefined ? length : { ...length, [BY_HEADER]: encodeURIComponent(wellFormed(by)) };
    const request = open({ socketPath: socket, method, path, headers, agent: false });
    const timer = setTimeout(() => request.destroy(noAnswer(socket, time)), time);
    try {
      const answer = answerOf(request, socket, kind);
      request.end(text);
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    status: () => ask('status', 'GET', PATHS.status),
    bans: async (within) => {
      const path = within === undefined ? PATHS.bans : `${PATHS.bans}?within=${encodeURIComponent(within)}`;
      return (await ask('bans', 'GET', path)).bans.toSorted((one, other) => Date.parse(one.since) - Date.parse(other.since));
    },
    ban: async ({ by, ...request }) => (await ask('bans', 'POST', PATHS.bans, request, by)).bans,
    unban: async ({ by, ...request }) => (await ask('bans', 'DELETE', PATHS.bans, request, by)).bans,
    reload: async () => void (await ask('reloaded', 'POST', PATHS.reload)),
    judge: (hits, { fromNow }) => {
      const path = `${PATHS.hits}?from-now=${fromNow ? 1 : 0}`;
      return sendHits(open({ socketPath: socket, method: 'POST', path, agent: false }), hits, { socket, time });
    },
  };
}

/**
 * True when a program listens at the socket; false when there is no socket, or only the file of a socket whose program has ended. Rejects
 * with ControlError (exit code 77) when this user may not connect.
 */
export async function isRunning(socket: string): Promise<boolean> {
  try {
    return await isListening(socket);
  } catch (thrown) {
    throw unreachable(socket, thrown);
  }
}

/** The text with U+FFFD in place of lone surrogates, which `encodeURIComponent` refuses. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
