// Reports stopped jails to the log and to the supervisor. A jail is stopped when its filter has a fault; the other jails continue.
import type { Log } from '../words/ports.ts';
import type { Swappable } from './rooms/build.ts';

/** The ports of `reportStopped`. */
interface Reporting {
  readonly now: Pick<Swappable, 'matcher'>;
  readonly log: Log;
  readonly notify: (state: string) => Promise<void>;
}

/** Logs each stopped jail with its reason, and lists the jails in the supervisor's status. `before`: the number of jails stopped before. */
export async function reportStopped({ now, log, notify }: Reporting, before: number): Promise<void> {
  const { stopped } = now.matcher;
  for (const [jail, reason] of stopped) log.error(`jail "${jail}" is stopped: ${reason}`);
  if (stopped.size > 0 || before > 0) await notify(`STATUS=${statusLine([...stopped.keys()])}`);
}

/** One line for sd_notify(3), which `systemctl status` shows; empty when no jail is stopped. */
function statusLine(jails: readonly string[]): string {
  return jails.length === 0 ? '' : `stopped jails: ${jails.join(', ')}; see "trapline status"`;
}
