// Carries out one exchange with the daemon: sends the request, reads the answer, and turns an error answer into the daemon's error.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { ConfigError, ControlError, errnoOf, EXIT, messageOf, UsageError } from '../errors.ts';
import { nextOf } from '../lib/http/events.ts';
import type { ErrorAnswer } from '../lib/http/refusal.ts';
import { waitAtMost } from '../lib/patience.ts';
import type { HitsSummary } from '../words/desk.ts';
import type { Hit } from '../words/walk.ts';
import { answerAs, type Answers } from './answers.ts';
import { SIGN_OF_LIFE } from './protocol.ts';
import { permissionAdvice } from './permission.ts';

/**
 * Sends hits as they come and resolves to the daemon's summary of them. Rejects as `answerOf` does, or with the error that `hits` throws.
 * Rejects with ControlError when the daemon reads nothing of the hits for `time` milliseconds, or sends no answer in this time after the last
 * hit. The request is aborted then, so that the daemon does not take the hits sent so far for the complete stream.
 */
export async function sendHits(
  request: ClientRequest,
  hits: AsyncIterable<readonly Hit[]>,
  { socket, time }: { readonly socket: string; readonly time: number },
): Promise<HitsSummary> {
  const late = (): never => {
    throw noAnswer(socket, time);
  };
  const answer = answerOf(request, socket, 'summary');
  const life = setInterval(() => request.write('\n'), SIGN_OF_LIFE);
  const iterator = hits[Symbol.asyncIterator]();
  try {
    for (;;) {
      // An answer before the last hit is a refusal: the remaining hits need not be sent.
      const next = await Promise.race([iterator.next(), answer.then(() => tooEarly(socket))]);
      if (next.done) break;
      await waitAtMost(time, write(request, next.value.map((hit) => `${JSON.stringify(hit)}\n`).join('')), late);
    }
    clearInterval(life);
    request.end();
    return await waitAtMost(time, answer, late);
  } catch (thrown) {
    request.destroy();
    // This promise is not awaited, because a reader of standard input may wait for ever.
    void Promise.resolve(iterator.return?.()).catch(() => {});
    throw thrown;
  } finally {
    clearInterval(life);
  }
}

/** The error for a daemon that sends no answer within `time` milliseconds. */
export function noAnswer(socket: string, time: number): ControlError {
  return new ControlError(`${socket}: no answer within ${time / 1000} s`);
}

function tooEarly(socket: string): never {
  throw new ControlError(`${socket}: the answer came before all hits were sent, so that it is not that of a trapline daemon`);
}

/** Resolves when more can be written, or when the request is over. */
async function write(request: ClientRequest, text: string): Promise<void> {
  if (text !== '' && !request.write(text)) await nextOf(request, ['drain', 'close', 'response']);
}

/**
 * The answer to a request, of the shape of its kind. Rejects with the error that the daemon sent (UsageError, ConfigError, ControlError), or
 * with the error of `unreachable`.
 */
export function answerOf<Kind extends keyof Answers>(request: ClientRequest, socket: string, kind: Kind): Promise<Answers[Kind]> {
  return new Promise((resolve, reject) => {
    request.on('error', (error) => reject(unreachable(socket, error)));
    // Without a listener, Node closes the connection and emits no error.
    request.once('upgrade', (_, connection) => {
      connection.destroy();
      reject(unreachable(socket, new Error('it switches to another protocol')));
    });
    request.once('response', (response) => {
      readAnswer(response)
        .then((answer) => answerAs(kind, answer))
        .then(resolve, (thrown: unknown) => reject(unreachable(socket, thrown)));
    });
  });
}

async function readAnswer(response: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  const answer: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  if (response.statusCode === 200) return answer;
  const { error, exitCode } = (answer ?? {}) as Readonly<Record<keyof ErrorAnswer, unknown>>;
  const message = typeof error === 'string' && error !== '' ? error : `the request was answered with ${response.statusCode}`;
  throw rebuilt(message, FAILURES.find((code) => code === exitCode) ?? EXIT.unavailable);
}

/** The exit codes of a command that failed. */
const FAILURES: readonly number[] = Object.values(EXIT).filter((code) => code !== EXIT.ok);

function rebuilt(message: string, exitCode: number): Error {
  if (exitCode === EXIT.usage) return new UsageError(message);
  return exitCode === EXIT.config ? new ConfigError(message) : new ControlError(message, exitCode);
}

/** The ControlError for a connection that failed. An error that already has a message for the operator is returned unchanged. */
export function unreachable(socket: string, thrown: unknown): Error {
  if (thrown instanceof ControlError || thrown instanceof UsageError || thrown instanceof ConfigError) return thrown;
  const options = { cause: thrown };
  switch (errnoOf(thrown)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ECONNREFUSED':
      return new ControlError(`${socket}: no daemon answers on this socket`, EXIT.unavailable, options);
    case 'EACCES':
    case 'EPERM':
      return new ControlError(`${socket}: permission denied: ${permissionAdvice(socket)}`, EXIT.permission, options);
    case 'EAGAIN':
      return new ControlError(`${socket}: too many clients are waiting for the daemon, try again`, EXIT.unavailable, options);
    case 'EPIPE':
    case 'ECONNRESET':
      return new ControlError(`${socket}: the daemon ended before it answered, try again`, EXIT.unavailable, options);
    case undefined:
    default:
      return new ControlError(
        `${socket}: the answer is not that of a trapline daemon: ${messageOf(thrown)}`,
        EXIT.unavailable,
        options,
      );
  }
}
