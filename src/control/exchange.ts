// One exchange with the daemon, from the client's side: sends, reads the answer, makes errors what they were in the daemon.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { ConfigError, ControlError, errnoOf, EXIT, messageOf, UsageError } from '../errors.ts';
import type { Hit, HitsSummary } from '../types.ts';
import { SIGN_OF_LIFE, type ErrorAnswer } from './protocol.ts';

/**
 * Sends hits as they come and reads what they came to. Rejects as `answerOf` does, or with what was thrown while the hits were made; then the
 * daemon is told that the stream was cut off.
 */
export async function sendHits(request: ClientRequest, hits: AsyncIterable<readonly Hit[]>, socket: string): Promise<HitsSummary> {
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

/** What is answered to a request. Rejects with the daemon's own error (UsageError, ConfigError, ControlError) or as `unreachable` words it. */
export function answerOf(request: ClientRequest, socket: string): Promise<unknown> {
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

/** Words a connection that failed as a ControlError; errors that are worded already stay as they are. */
export function unreachable(socket: string, thrown: unknown): Error {
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
