// `trapline run`: runs the daemon in the foreground and handles signals: SIGHUP reloads, SIGTERM and SIGINT stop.
import { resolve } from 'node:path';
import { buildCommand } from '@stricli/core';
import type { Daemon } from '../../daemon/daemon.ts';
import { EXIT, messageOf } from '../../errors.ts';
import { killPrograms } from '../../lib/children/exec.ts';
import { createLog } from '../../lib/text/log.ts';
import { Outlet } from '../../lib/text/outlet.ts';
import type { Context } from '../context.ts';
import { places, type Places } from '../flags.ts';
import { readConfig } from '../open.ts';

/** The program exits this long after a signal to stop, even if start or stop hangs (milliseconds). */
const STOP_AT_LATEST = 2_000;

/** The command. */
export const start = buildCommand<Places, [], Context>({
  docs: {
    brief: 'Run the daemon in the foreground',
    fullDescription:
      'Follows the Postfix log and bans clients that mail a spamtrap. SIGHUP reads the configuration again; SIGTERM stops and leaves the bans in the firewall.',
  },
  parameters: { flags: { ...places } },
  async func({ config, state, ...rest }) {
    this.outliveReaders();
    // The status and the log of the daemon are read in other folders than the one in which it was started.
    const absolute = {
      ...(config !== undefined && { config: resolve(config) }),
      ...(state !== undefined && { state: resolve(state) }),
    };
    await runUntilStopped(this, { ...rest, ...absolute });
    // Exits even if something keeps the event loop alive, such as a child that does not die.
    exit();
  },
});

/** Resolves when a signal asked for the stop and the daemon has stopped. Rejects when the daemon cannot start or go on. */
async function runUntilStopped(context: Context, flags: Places): Promise<void> {
  const { startDaemon } = await import('../../daemon/daemon.ts');
  const { createNotifier } = await import('../../lib/systemd.ts');
  const config = await readConfig(flags);
  const journal = context.environment['JOURNAL_STREAM'] !== undefined;
  const [output, complaints] = [new Outlet(process.stdout), new Outlet(process.stderr)];
  const log = createLog(config.logLevel, journal, (line) => complaints.write(line));
  const systemd = createNotifier(context.environment, log);
  let running: Daemon | undefined;
  // The listeners are set before the start and stay: a signal without a listener would kill the program at once, also during the stop.
  const stopped = new Promise<void>((stop) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  });
  void stopped.then(() => setTimeout(exit, STOP_AT_LATEST));
  /** True when SIGHUP came during the start. The start may have read the configuration before that, so a reload follows it. */
  let isOwed = false;
  const reload = (): void => {
    isOwed = running === undefined;
    running?.orders.reload().catch((thrown: unknown) => log.error(`${messageOf(thrown)}; the running configuration stays`));
  };
  process.on('SIGHUP', reload);
  const daemon = await startDaemon({
    config,
    readConfig: () => readConfig(flags),
    log,
    clock: Date.now,
    write: (line) => output.write(line),
    version: context.version,
    notify: (state) => systemd.notify(state),
    watchdogInterval: systemd.watchdogInterval,
  });
  running = daemon;
  if (isOwed) reload();
  try {
    await Promise.race([stopped, daemon.broken]);
  } finally {
    await daemon.stop();
  }
}

/** Ends this program at once with exit code 0, and kills every program that it started and that still runs. */
function exit(): never {
  killPrograms();
  process.exit(EXIT.ok);
}
