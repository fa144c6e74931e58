// `trapline run`: the daemon in the foreground. Signals are handled here: SIGHUP reloads, SIGTERM and SIGINT stop.
import { buildCommand } from '@stricli/core';
import type { Daemon } from '../daemon/daemon.ts';
import { EXIT, messageOf } from '../errors.ts';
import { createLog } from '../lib/log.ts';
import type { Context } from './context.ts';
import { places, type Places } from './flags.ts';
import { readConfig } from './open.ts';

/** A stop during a start that hangs waits no longer than this (milliseconds). */
const STOP_AT_LATEST = 2_000;

/** The command. */
export const start = buildCommand<Places, [], Context>({
  docs: {
    brief: 'Run the daemon in the foreground',
    fullDescription:
      'Follows the Postfix log and bans clients that mail a spamtrap. SIGHUP reads the configuration again; SIGTERM stops and leaves the bans in the firewall.',
  },
  parameters: { flags: { ...places } },
  async func(flags) {
    const { startDaemon } = await import('../daemon/daemon.ts');
    const { createNotifier } = await import('../lib/systemd.ts');
    const config = await readConfig(flags);
    const journal = this.environment['JOURNAL_STREAM'] !== undefined;
    const log = createLog(config.logLevel, journal, (line) => process.stderr.write(`${line}\n`));
    const systemd = createNotifier(this.environment, log);
    let running: Daemon | undefined;
    // From the first moment on: without a listener a signal ends the program on the spot.
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
    });
    void stopped.then(() => setTimeout(() => process.exit(EXIT.ok), STOP_AT_LATEST));
    process.on('SIGHUP', () => {
      running?.controls.reload().catch((thrown: unknown) => log.error(`${messageOf(thrown)}; the running configuration stays`));
    });
    const daemon = await startDaemon({
      config,
      readConfig: () => readConfig(flags),
      log,
      clock: Date.now,
      version: this.version,
      notify: (state) => systemd.notify(state),
      watchdogInterval: systemd.watchdogInterval,
    });
    running = daemon;
    try {
      await Promise.race([stopped, daemon.broken]);
    } finally {
      await daemon.stop();
    }
    // Whatever still holds the event loop (a child that does not die) must not hold the stop.
    process.exit(EXIT.ok);
  },
});
