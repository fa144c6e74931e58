// The interface to systemd: sends messages of sd_notify(3), and finds the sockets that systemd passes by sd_listen_fds(3).
import { messageOf } from '../errors.ts';
import { exec } from './children/exec.ts';
import { Standby } from './children/standby.ts';
import type { Logger } from './text/log.ts';
import { printable } from './text/printable.ts';
import { Throttle } from './text/throttle.ts';

/** The environment of a process, or a part of it. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Sends the state of the program to systemd. */
interface Notifier {
  /**
   * Sends one or more assignments of sd_notify(3), such as `READY=1` and `STATUS=...`. Characters that are not printable are escaped.
   * Resolves when systemd has received them. Does nothing when no supervisor started the program. Never rejects; logs a failure instead.
   */
  notify(...states: readonly string[]): Promise<void>;
  /**
   * Milliseconds between two `WATCHDOG=1`: half the time that WATCHDOG_USEC allows, as sd_watchdog_enabled(3) advises. Undefined: systemd
   * expects no `WATCHDOG=1`.
   */
  readonly watchdogInterval: number | undefined;
}

/**
 * The time limit for one run of systemd-notify(1) in milliseconds. The program itself waits up to five seconds until systemd has read its
 * message.
 */
const DEADLINE = 8_000;

/** The shortest time between two log lines about a failed message to systemd (milliseconds). */
const QUIET = 3_600_000;

/**
 * Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID of sd_notify(3). Messages are sent by systemd-notify(1), because Node cannot open a
 * Unix datagram socket. When systemd-notify fails, a logger(1) that was started before sends `WATCHDOG=1`. Both programs are other processes
 * than the daemon, so the unit needs `NotifyAccess=all` (docs/decisions/0017-notify-access.md).
 */
export function createNotifier(environment: Environment, log: Pick<Logger, 'warn'>): Notifier {
  const socket = environment['NOTIFY_SOCKET'];
  const throttle = new Throttle(QUIET);
  const watchdogInterval = socket ? intervalOf(environment) : undefined;
  const reserve = watchdogInterval === undefined || !socket?.startsWith('/') ? undefined : new Standby(signsOfLife(socket));
  reserve?.start();
  const notify = async (...states: readonly string[]): Promise<void> => {
    if (socket === undefined || socket === '') return;
    const fault = await send(socket, states);
    if (fault === undefined) return reserve?.start();
    const isSent = states.join() === WATCHDOG && reserve?.write('alive');
    const result = isSent ? `${WATCHDOG} was sent by logger` : `systemd did not receive ${states[0] ?? ''}`;
    throttle.pass(result, `systemd-notify: ${fault}; ${result}`, log.warn);
  };
  return { notify, watchdogInterval };
}

const WATCHDOG = 'WATCHDOG=1';

/**
 * The command of a logger(1) that sends one datagram for each line of its standard input. A datagram consists of a header, the tag and the
 * line. The newlines in the tag put the assignment on a line of its own. systemd reads the datagram line by line, and ignores the first and
 * the last line, because they are no assignments.
 */
function signsOfLife(socket: string): readonly string[] {
  return ['logger', '--socket', socket, '--tag', `trapline\n${WATCHDOG}\n`];
}

async function send(socket: string, states: readonly string[]): Promise<string | undefined> {
  const argv = ['systemd-notify', '--', ...states.map((state) => printable(state, 1000))];
  try {
    const ended = await exec(argv, { deadline: DEADLINE, environment: { NOTIFY_SOCKET: socket } });
    if (ended.code === 0) return undefined;
    return ended.timedOut ? 'did not end in time' : printable(ended.stderr.trim()) || `ended with ${ended.code ?? ended.signal}`;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function intervalOf({ WATCHDOG_USEC: limit, WATCHDOG_PID: pid }: Environment): number | undefined {
  if (limit === undefined || !/^[1-9]\d{0,15}$/.test(limit)) return undefined;
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  return Math.max(1, Math.floor(Number(limit) / 2000));
}

/** SD_LISTEN_FDS_START of sd_listen_fds(3): the first descriptor that systemd passes. */
const FIRST_DESCRIPTOR = 3;

/**
 * The descriptors of the listening sockets that systemd has passed to process `pid`. The key is the name from the socket unit
 * (`FileDescriptorName=`), or "unknown" for a socket without a name. Reads LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES. The map is empty when
 * systemd passed no socket to this process.
 */
export function handedSockets(environment: Environment, pid: number): ReadonlyMap<string, readonly number[]> {
  const { LISTEN_FDS: count = '', LISTEN_PID: receiver, LISTEN_FDNAMES: names = '' } = environment;
  const handed = new Map<string, number[]>();
  if (receiver !== String(pid) || !/^\d{1,3}$/.test(count)) return handed;
  const named = names.split(':');
  for (let index = 0; index < Number(count); index += 1) {
    const name = named[index] || 'unknown';
    handed.set(name, [...(handed.get(name) ?? []), FIRST_DESCRIPTOR + index]);
  }
  return handed;
}
