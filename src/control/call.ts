// The client's door: asks the running daemon. Loaded by every command, so it imports next to nothing.
import { request as send } from 'node:http';
import { connect } from 'node:net';
import { ControlError, errnoOf } from '../errors.ts';
import type { BanRequest, BanRow, Hit, HitsSummary, Status, UnbanRequest } from '../types.ts';
import { answerOf, sendHits, unreachable } from './exchange.ts';
import { PATHS, type BansAnswer } from './protocol.ts';

/** A running daemon as seen from outside. Every call rejects as the daemon's own would: UsageError, ConfigError, else ControlError. */
export interface ControlClient {
  status(): Promise<Status>;
  /** All bans in force, or those inside a network. */
  bans(within?: string): Promise<readonly BanRow[]>;
  ban(request: BanRequest): Promise<readonly BanRow[]>;
  unban(request: UnbanRequest): Promise<readonly BanRow[]>;
  reload(): Promise<void>;
  /** Sends hits as they come, no faster than the daemon takes them; it judges and records them. */
  judge(hits: AsyncIterable<readonly Hit[]>, options: { readonly fromNow: boolean }): Promise<HitsSummary>;
}

/** How long an answer may take (milliseconds), but for a stream of hits. */
const ANSWER_TIME = 60_000;

/** Talks to the daemon at the socket; nothing is sent before the first call. */
export function callControl(socket: string, options: { readonly time?: number } = {}): ControlClient {
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const text = body === undefined ? '' : JSON.stringify(body);
    // Said for every method: Node sends the body of a DELETE without a length otherwise, which no server can read.
    const headers = { 'content-length': Buffer.byteLength(text) };
    const request = send({ socketPath: socket, method, path, headers, agent: false });
    const time = options.time ?? ANSWER_TIME;
    const timer = setTimeout(() => request.destroy(new ControlError(`${socket}: no answer within ${time / 1000} s`)), time);
    try {
      const answer = answerOf(request, socket);
      request.end(text);
      return (await answer) as T;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    status: () => ask<Status>('GET', PATHS.status),
    bans: async (within) => {
      const path = within === undefined ? PATHS.bans : `${PATHS.bans}?within=${encodeURIComponent(within)}`;
      // Very many come in no order.
      return (await bansOf(ask('GET', path))).toSorted((one, other) => Date.parse(one.since) - Date.parse(other.since));
    },
    ban: (request) => bansOf(ask('POST', PATHS.bans, request)),
    unban: (request) => bansOf(ask('DELETE', PATHS.bans, request)),
    reload: async () => void (await ask('POST', PATHS.reload)),
    judge: (hits, { fromNow }) => {
      const path = `${PATHS.hits}?from-now=${fromNow ? 1 : 0}`;
      return sendHits(send({ socketPath: socket, method: 'POST', path, agent: false }), hits, socket);
    },
  };
}

async function bansOf(answer: Promise<BansAnswer>): Promise<readonly BanRow[]> {
  return (await answer).bans;
}

/**
 * True when somebody listens at the socket, false when there is none or a stale one. Rejects with ControlError (exit code 77) when this
 * user may not connect.
 */
export function isRunning(socket: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', (error) => {
      const code = errnoOf(error) ?? '';
      if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(code)) resolve(false);
      // Its queue of connections is full: somebody is there.
      else if (code === 'EAGAIN') resolve(true);
      else reject(unreachable(socket, error));
    });
  });
}
