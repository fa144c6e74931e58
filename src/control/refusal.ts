// Words an error as the answer to a request: a status of HTTP, one line, and what a command exits with.
import { ConfigError, ControlError, EXIT, ExpectedError, messageOf, UsageError } from '../errors.ts';
import { printable } from '../lib/printable.ts';
import type { Log } from '../types.ts';
import { TransportError } from './body.ts';
import type { ErrorAnswer } from './protocol.ts';

/** The longest line that is answered (characters). */
const LONGEST = 1000;

/** What a request is answered that was not carried out. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: ErrorAnswer;
}

/** Words whatever was thrown. What nobody expected is a bug: it is logged with its stack, and the daemon goes on. */
export function refusalOf(thrown: unknown, log: Log | undefined): Refusal {
  const error = printable(messageOf(thrown), LONGEST);
  const headers = thrown instanceof TransportError ? thrown.headers : {};
  if (thrown instanceof ExpectedError) return { status: statusOf(thrown), headers, answer: { error, exitCode: thrown.exitCode } };
  log?.error(`a request failed, please report this: ${thrown instanceof Error ? (thrown.stack ?? error) : error}`);
  return { status: 500, headers, answer: { error: `a bug in the daemon, see its log: ${error}`, exitCode: EXIT.bug } };
}

function statusOf(error: ExpectedError): number {
  if (error instanceof TransportError) return error.status;
  if (error instanceof UsageError) return 400;
  if (error instanceof ControlError && error.exitCode === EXIT.permission) return 403;
  return error instanceof ConfigError ? 422 : 503;
}
