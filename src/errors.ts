// The expected errors, each with its exit code. Any other thrown value is a bug and ends the program with a stack trace.

/** Exit codes as in sysexits(3). */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 64,
  input: 65,
  unavailable: 69,
  /** EX_OSFILE: a file of the system has an error. */
  ledger: 72,
  permission: 77,
  config: 78,
  /** 128 and the number of SIGINT. */
  interrupted: 130,
} as const;

/** An error that the operator can act on. Its message is one line, `where: what, advice`, and is shown without a stack trace. */
export abstract class ExpectedError extends Error {
  /** The exit code of a command that ends with this error. */
  abstract readonly exitCode: number;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An error in the arguments of the command line or in a request. */
export class UsageError extends ExpectedError {
  readonly exitCode = EXIT.usage;
}

/** A configuration, filter or action file that cannot be used. */
export class ConfigError extends ExpectedError {
  readonly exitCode = deniedOr(EXIT.config, this.cause);
  /** The message of every fault that was found, each with its place. The message of the error names only the first one. */
  readonly all: readonly string[];

  constructor(message: string, options: ErrorOptions & { readonly all?: readonly string[] } = {}) {
    super(message, options);
    this.all = options.all ?? [message];
  }
}

/** A filter file with a fault. Only the jails that use the file cannot work. */
export class FilterError extends ConfigError {}

/** A command that the operator interrupted. The exit code is the one that a shell gives to a program that SIGINT ended. */
export class Interrupted extends ExpectedError {
  readonly exitCode = EXIT.interrupted;
}

/** A log that cannot be read. */
export class SourceError extends ExpectedError {
  readonly exitCode = deniedOr(EXIT.input, this.cause);
}

/** A log whose rest cannot be read, because it is damaged or incomplete. The lines before the damage were handed out. */
export class DamagedError extends SourceError {}

/** A ledger that cannot be opened, read or written. */
export class LedgerError extends ExpectedError {
  readonly exitCode: number = deniedOr(EXIT.unavailable, this.cause);
}

/**
 * A ledger that no new attempt can open: it is damaged, was written by a newer Trapline, or belongs to another program. It has an exit code of its
 * own, so that systemd does not start the daemon again.
 */
export class UnusableLedgerError extends LedgerError {
  override readonly exitCode = EXIT.ledger;
}

/** A firewall (or other action) that failed to carry out a command. */
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

/** EXIT.permission when the system denied access to this user, else `otherwise`. */
function deniedOr(otherwise: number, cause: unknown): number {
  const denied = cause instanceof ExpectedError && cause.exitCode === EXIT.permission;
  return denied || ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(cause) ?? '') ? EXIT.permission : otherwise;
}

/** The message of a thrown value, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s*\n\s*/g, '; ');
}

/** The fault in a message of the form `where: what, advice`: `what`. */
export function whatOf(message: string): string {
  return message.slice(message.indexOf(': ') < 0 ? 0 : message.indexOf(': ') + 2).replace(/, .*$/, '');
}

/** The errno name of a system error (`ENOENT`, `EACCES`, ...), or undefined for any other thrown value. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
