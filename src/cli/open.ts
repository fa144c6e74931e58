// Finds who carries out a request: the running daemon, or, when none runs, this program itself on the same ledger and firewall.
import type { Config } from '../config/load.ts';
import { callControl, isRunning, type ControlClient } from '../control/call.ts';
import type { Errand } from '../daemon/desk.ts';
import { ControlError, EXIT } from '../errors.ts';
import { createLog } from '../lib/log.ts';
import { DEFAULT_READERS_SOCKET, DEFAULT_SOCKET } from '../package.ts';
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

/** The running daemon, `reads`: only to look. Throws ControlError when none answers. */
export async function callDaemon(places: Places, reads = false): Promise<ControlClient> {
  const client = await findDaemon(places, reads);
  if (client) return client;
  const socket = places.socket ?? (await readConfig(places)).control.socket;
  throw new ControlError(
    `${socket}: no daemon answers, start it with "systemctl start trapline" or "trapline run"`,
    EXIT.unavailable,
  );
}

/** Runs `use` with the daemon or, when none answers, with ledger and firewall opened here and closed again. */
export async function withControls<T>(context: Context, places: Places, use: (errand: Errand) => Promise<T>): Promise<T> {
  const client = await findDaemon(places);
  if (client) return use(client);
  const { runErrand } = await import('../daemon/desk.ts');
  return runErrand(await readConfig(places), { log: commandLog(context), clock: Date.now }, use);
}

/** The bans in force, from the daemon or, when none answers, straight from the ledger. */
export async function listBans(context: Context, places: Places, within: string | undefined): Promise<readonly BanRow[]> {
  const client = await findDaemon(places, true);
  if (client) return client.bans(within);
  const { readBans } = await import('../daemon/desk.ts');
  return readBans(await readConfig(places), { log: commandLog(context), clock: Date.now }, within);
}

/**
 * The daemon that answers, if any. A daemon at the usual place is found without reading the configuration, which takes longer than the
 * rest of such a command. `reads`: only to look, for which the socket of the readers will do.
 */
async function findDaemon(places: Places, reads = false): Promise<ControlClient | undefined> {
  if (places.socket !== undefined) return clientAt(places.socket);
  if (places.config === undefined) {
    const client = await clientAt(DEFAULT_SOCKET, reads ? DEFAULT_READERS_SOCKET : undefined).catch((thrown: unknown) => {
      if (!reads) throw thrown;
    });
    if (client) return client;
  }
  const { socket, readers } = (await readConfig(places)).control;
  return clientAt(socket, reads ? readers?.socket : undefined);
}

/** The daemon at a socket, or, when this user may not call it there, at the second one. Rejects when it may not at all. */
async function clientAt(socket: string, second?: string): Promise<ControlClient | undefined> {
  try {
    return (await isRunning(socket)) ? callControl(socket) : undefined;
  } catch (thrown) {
    if (second === undefined || !(await isRunning(second).catch(() => false))) throw thrown;
    return callControl(second);
  }
}
