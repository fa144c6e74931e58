// The client's door: asks the running daemon. Loaded by every command, so it imports next to nothing.
import { request as send, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { ConfigError, ControlError, errnoOf, EXIT, messageOf, UsageError } from '../errors.ts';
import type { BanRequest, BanRow, Hit, HitsSummary, Status, UnbanRequest } from '../types.ts';
import { PATHS, SIGN_OF_LIFE, type BansAnswer, type ErrorAnswer } from './protocol.ts';

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
    bans: (within) => bansOf(ask('GET', within === undefined ? PATHS.bans : `${PATHS.bans}?within=${encodeURIComponent(within)}`)),
    ban: (request) => bansOf(ask('POST', PATHS.bans, request)),
    unban: (request) => bansOf(ask('DELETE', PATHS.bans, request)),
    reload: async () => void (await ask('POST', PATHS.reload)),
    judge: (hits, { fromNow }) => {
      const path = `${PATHS.hits}?from-now=${fromNow ? 1 : 0}`;
      return pour(send({ socketPath: socket, method: 'POST', path, agent: false }), hits, socket);
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

async function pour(request: ClientRequest, hits: AsyncIterable<readonly Hit[]>, socket: string): Promise<HitsSummary> {
  const answer = answerOf(request, socket);
  const life = setInterval(() => request.write('\n'), SIGN_OF_LIFE);
  const iterator = hits[Symbol.asyncIterator]();
  try {
    for (;;) {
      // An answer before the end is a refusal: there is no sense in sending the rest.
      const next = await Promise.race([iterator.next(), answer.then(() => undefined)]);
      if (!next || next.done) break;
      await write(request, next.value.map((hit) => `${JSON.stringify(hit)}\n`).join(''));
    }
    clearInterval(life);
    request.end();
    return (await answer) as HitsSummary;
  } catch (thrown) {
    request.destroy();
    // Not awaited: a reader of standard input may be waiting for ever.
    void Promise.resolve(iterator.return?.()).catch(() => {});
    throw thrown;
  } finally {
    clearInterval(life);
  }
}

function write(request: ClientRequest, text: string): Promise<void> | undefined {
  if (text === '' || request.write(text)) return undefined;
  return new Promise((resolve) => {
    const go = (): void => {
      for (const event of ['drain', 'close', 'response']) request.off(event, go);
      resolve();
    };
    for (const event of ['drain', 'close', 'response']) request.on(event, go);
  });
}

function answerOf(request: ClientRequest, socket: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.on('error', (error) => reject(unreachable(socket, error)));
    request.once('response', (response) => {
      readAnswer(response).then(resolve, (thrown: unknown) => reject(unreachable(socket, thrown)));
    });
  });
}

async function readAnswer(response: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  const answer: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  if (response.statusCode === 200) return answer;
  const { error, exitCode } = answer as Partial<ErrorAnswer>;
  throw rebuilt(error ?? `answered with ${response.statusCode}`, exitCode ?? EXIT.unavailable);
}

function rebuilt(message: string, exitCode: number): Error {
  if (exitCode === EXIT.usage) return new UsageError(message);
  return exitCode === EXIT.config ? new ConfigError(message) : new ControlError(message, exitCode);
}

function unreachable(socket: string, thrown: unknown): unknown {
  if (thrown instanceof ControlError || thrown instanceof UsageError || thrown instanceof ConfigError) return thrown;
  const options = { cause: thrown };
  switch (errnoOf(thrown)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ECONNREFUSED':
      return new ControlError(`${socket}: no trapline is running there`, EXIT.unavailable, options);
    case 'EACCES':
    case 'EPERM':
      return new ControlError(`${socket}: this user may not, join the group of the socket or use sudo`, EXIT.permission, options);
    case 'EAGAIN':
      return new ControlError(`${socket}: too many ask at the same time, try again`, EXIT.unavailable, options);
    case 'EPIPE':
    case 'ECONNRESET':
      return new ControlError(`${socket}: the daemon ended before it answered, try again`, EXIT.unavailable, options);
    case undefined:
    default:
      return new ControlError(`${socket}: no answer that makes sense: ${messageOf(thrown)}`, EXIT.unavailable, options);
  }
}
