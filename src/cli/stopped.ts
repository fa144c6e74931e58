// Reports stopped jails in commands that work without them. Such a command ends with the exit code of a faulty configuration.
import { ConfigError } from '../errors.ts';
import type { Status } from '../words/desk.ts';
import type { Log } from '../words/ports.ts';

/** Stopped jails with their reasons. */
type Stopped = ReadonlyMap<string, string>;

/** The stopped jails in the status of a running daemon. A daemon of an older version stops no jail, and its status has no reasons. */
export function stoppedIn({ jails }: Pick<Status, 'jails'>): Stopped {
  return new Map(jails.flatMap(({ name, stopped }) => (typeof stopped === 'string' ? [[name, stopped] as const] : [])));
}

/** Logs each stopped jail with its reason. */
export function logStopped(stopped: Stopped, log: Log): void {
  for (const [jail, reason] of stopped) log.error(`jail "${jail}" is stopped: ${reason}`);
}

/** Throws ConfigError when there are stopped jails. Called at the end of a command that has reported their reasons. */
export function refuseStopped(stopped: Stopped): void {
  if (stopped.size === 0) return;
  const jails = [...stopped.keys()].join(', ');
  throw new ConfigError(`stopped jails: ${jails}; the reasons are above, correct the filters and reload`);
}
