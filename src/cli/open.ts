// Finds who carries out a request: the running daemon, or, when none runs, this program itself on the same ledger and firewall.
import type { Config } from '../config/load.ts';
import type { ControlClient } from '../control/call.ts';
import type { Errand } from '../daemon/desk.ts';
import { ControlError, EXIT } from '../errors.ts';
import { createLog } from '../lib/log.ts';
import type { BanRow, Log } from '../types.ts';
import type { Context } from './context.ts';
import type { Places } from './flags.ts';

/** The configuration with what the command line says instead. Throws ConfigError. */
export async function readConfig(places: Places): Promise<Config> {
  const { loadConfig } = await import('../config/load.ts');
  const config = loadConfig(places.config);
  return {
    ...config,
    state: places.state ?? config.state,
    control: { ...config.control, socket: places.socket ?? config.control.socket },
  };
}

/** The log of a command: warnings and errors, as plain lines on standard error. */
export function commandLog({ process }: Context): Log {
  return createLog('warn', false, (line) => process.stderr.write(`trapline: ${line}\n`));
}

/** The running daemon. Throws ControlError when none answers. */
export async function callDaemon(places: Places): Promise<ControlClient> {
  const { socket } = (await readConfig(places)).control;
  const { callControl, isRunning } = await import('../control/call.ts');
  if (!(await isRunning(socket))) {
    throw new ControlError(
      `${socket}: no daemon answers, start it with "systemctl start trapline" or "trapline run"`,
      EXIT.unavailable,
    );
  }
  return callControl(socket);
}

/** Runs `use` with the daemon or, when none answers, with ledger and firewall opened here and closed again. */
export async function withControls<T>(context: Context, places: Places, use: (errand: Errand) => Promise<T>): Promise<T> {
  const config = await readConfig(places);
  const { callControl, isRunning } = await import('../control/call.ts');
  if (await isRunning(config.control.socket)) return use(callControl(config.control.socket));
  const { runErrand } = await import('../daemon/desk.ts');
  return runErrand(config, { log: commandLog(context), clock: Date.now }, use);
}

/** The bans in force, from the daemon or, when none answers, straight from the ledger. */
export async function listBans(context: Context, places: Places, within: string | undefined): Promise<readonly BanRow[]> {
  const config = await readConfig(places);
  const { callControl, isRunning } = await import('../control/call.ts');
  if (await isRunning(config.control.socket)) return callControl(config.control.socket).bans(within);
  const { readBans } = await import('../daemon/desk.ts');
  return readBans(config, { log: commandLog(context), clock: Date.now }, within);
}
