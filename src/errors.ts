// The few expected errors, worded once. Anything else that is thrown is a bug and ends the program with a stack.

/** Exit codes as in sysexits(3). */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 64,
  input: 65,
  unavailable: 69,
  permission: 77,
  config: 78,
} as const;

/** An error that the operator can do something about: `where: what, advice`; the message is one line and is all that is shown. */
export abstract class ExpectedError extends Error {
  /** What the command line exits with when this error ends it. */
  abstract readonly exitCode: number;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Words of the command line, or a request, that cannot be carried out as they stand. */
export class UsageError extends ExpectedError {
  readonly exitCode = EXIT.usage;
}

/** A configuration, filter or action file that cannot be used. */
export class ConfigError extends ExpectedError {
  readonly exitCode = deniedOr(EXIT.config, this.cause);
}

/** A log that cannot be read. */
export class SourceError extends ExpectedError {
  readonly exitCode = deniedOr(EXIT.input, this.cause);
}

/** A ledger that cannot be opened, read or written. */
export class LedgerError extends ExpectedError {
  readonly exitCode = deniedOr(EXIT.unavailable, this.cause);
}

/** A firewall (or other action) that did not do what it was told. */
export class ActionError extends ExpectedError {
  readonly exitCode = EXIT.unavailable;
}

/** A daemon that cannot be reached, or that refused a request. */
export class ControlError extends ExpectedError {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.unavailable, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** What a command exits with: what the system does not let this user do is told apart from the rest. */
function deniedOr(otherwise: number, cause: unknown): number {
  const denied = cause instanceof ExpectedError && cause.exitCode === EXIT.permission;
  return denied || ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(cause) ?? '') ? EXIT.permission : otherwise;
}

/** The text of anything thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s*\n\s*/g, '; ');
}

/** The errno name of a system error (`ENOENT`, `EACCES`, ...), or undefined for any other thrown value. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
