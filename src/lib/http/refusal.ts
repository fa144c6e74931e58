// Turns an error into the answer to a request: a status of HTTP, one line of text, and an exit code for the command that sent the request.
import { ConfigError, ControlError, EXIT, ExpectedError, messageOf, UsageError } from '../../errors.ts';
import type { Logger } from '../text/log.ts';
import { printable } from '../text/printable.ts';

/** The longest message of an answer (characters). */
const LONGEST = 1000;

/** A request that is refused because of its form. `status` is the HTTP status of the answer, `headers` are headers of the answer. */
export class HttpError extends UsageError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** The JSON of an answer to a request that was not carried out. */
export interface ErrorAnswer {
  /** One line: the fault, and advice. */
  readonly error: string;
  /** The exit code (sysexits(3)) of a command whose request was refused. */
  readonly exitCode: number;
}

/** The answer to a request that was not carried out. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: ErrorAnswer;
}

/** The answer for an error. An error that is not an ExpectedError is a bug: it is answered with 500 and logged with its stack trace. */
export function refusalOf(thrown: unknown, log: Pick<Logger, 'error'> | undefined): Refusal {
  const error = printable(messageOf(thrown), LONGEST);
  const headers = thrown instanceof HttpError ? thrown.headers : {};
  if (thrown instanceof ExpectedError) return { status: statusOf(thrown), headers, answer: { error, exitCode: thrown.exitCode } };
  log?.error(`a request failed, please report this: ${thrown instanceof Error ? (thrown.stack ?? error) : error}`);
  return { status: 500, headers, answer: { error: `a bug in the daemon, see its log: ${error}`, exitCode: EXIT.bug } };
}

function statusOf(error: ExpectedError): number {
  if (error instanceof HttpError) return error.status;
  if (error instanceof UsageError) return 400;
  if (error instanceof ControlError && error.exitCode === EXIT.permission) return 403;
  return error instanceof ConfigError ? 422 : 503;
}
