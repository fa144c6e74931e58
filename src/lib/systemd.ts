// Tells systemd how the program is, as sd_notify(3) does: through systemd-notify(1), for Node cannot open a datagram socket of its own.
import { messageOf } from '../errors.ts';
import { exec } from './exec.ts';
import { Seldom, type Logger } from './log.ts';
import { printable } from './printable.ts';

/** The supervisor's ear. */
export interface Notifier {
  /**
   * Tells one or more states of sd_notify(3), such as `READY=1` and `STATUS=...`; the text after `=` is made one printable line.
   * Resolves when systemd has them. Without a supervisor it does nothing. Never rejects: what fails is logged.
   */
  notify(...states: readonly string[]): Promise<void>;
  /** Milliseconds between two `WATCHDOG=1`: half of what WATCHDOG_USEC allows, as sd_watchdog_enabled(3) advises. Undefined: no watchdog. */
  readonly watchdogInterval: number | undefined;
}

/** systemd-notify(1) waits up to five seconds until its message has been read. */
const DEADLINE = 8_000;

/** How often a supervisor that cannot be told is complained about (milliseconds). */
const QUIET = 3_600_000;

/** Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID of sd_notify(3). The unit needs `NotifyAccess=all`: a child tells on our behalf. */
export function createNotifier(environment: Readonly<Record<string, string | undefined>>, log: Pick<Logger, 'warn'>): Notifier {
  const socket = environment['NOTIFY_SOCKET'];
  const seldom = new Seldom(QUIET);
  const notify = async (...states: readonly string[]): Promise<void> => {
    if (socket === undefined || socket === '') return;
    const fault = await tell(socket, states);
    if (fault !== undefined) seldom.say(fault, `systemd-notify: ${fault}; systemd was not told ${states[0] ?? ''}`, log.warn);
  };
  return { notify, watchdogInterval: socket ? intervalOf(environment) : undefined };
}

async function tell(socket: string, states: readonly string[]): Promise<string | undefined> {
  const argv = ['systemd-notify', '--', ...states.map((state) => printable(state, 1000))];
  try {
    const ended = await exec(argv, { deadline: DEADLINE, environment: { NOTIFY_SOCKET: socket } });
    if (ended.code === 0) return undefined;
    return ended.timedOut ? 'did not end in time' : printable(ended.stderr.trim()) || `ended with ${ended.code ?? ended.signal}`;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function intervalOf(environment: Readonly<Record<string, string | undefined>>): number | undefined {
  const { WATCHDOG_USEC: limit, WATCHDOG_PID: pid } = environment;
  if (limit === undefined || !/^[1-9]\d{0,15}$/.test(limit)) return undefined;
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  return Math.max(1, Math.floor(Number(limit) / 2000));
}
