// Carries out a request in the running daemon or, when no daemon runs, in this program on the daemon's ledger and firewall.
import type { Config } from '../config/load.ts';
import { callControl, isRunning, type ControlClient } from '../control/call.ts';
import type { Errand } from '../daemon/alone/errand.ts';
import { ControlError, EXIT } from '../errors.ts';
import { createLog } from '../lib/text/log.ts';
import { DEFAULT_READERS_SOCKET, DEFAULT_SOCKET } from '../package.ts';
import type { BanRow } from '../words/desk.ts';
import type { Log } from '../words/ports.ts';
import type { Context } from './context.ts';
import type { Places } from './flags.ts';

/** Reads the configuration. Paths from the command line replace the configured paths. Throws ConfigError. */
export async function readConfig(places: Places): Promise<Config> {
  const { loadConfig } = await import('../config/load.ts');
  const config = loadConfig(places.config);
  return {
    ...config,
    state: places.state ?? config.state,
    control: { ...config.control, socket: places.socket ?? config.control.socket },
  };
}

/** The log of a command writes warnings and errors as plain lines to standard error. */
export function commandLog({ process }: Context): Log {
  return createLog('warn', false, (line) => process.stderr.write(`trapline: ${line}\n`));
}

/** Finds the running daemon. Throws ControlError without a daemon. */
export async function callDaemon(places: Places): Promise<ControlClient> {
  const found = await findDaemon(places);
  if (typeof found !== 'string') return found;
  throw new ControlError(
    `${found}: no daemon answers, start it with "systemctl start trapline" or "trapline run"`,
    EXIT.unavailable,
  );
}

/**
 * Finds the running daemon, or resolves to the path of the socket on which no daemon answers. `reads`: the request changes nothing, so the socket
 * for readers suffices.
 */
export async function findDaemon(places: Places, reads = false): Promise<ControlClient | string> {
  const config = once(() => readConfig(places));
  return (await connect(places, config, reads)) ?? places.socket ?? (await config()).control.socket;
}

/**
 * Runs `use` with the daemon or, when no daemon answers, with ledger and firewall, which are opened for it and closed again. `known`: the
 * configuration, if the command has read it already.
 */
export async function withControls<T>(
  context: Context,
  places: Places,
  use: (errand: Errand) => Promise<T>,
  known?: Config,
): Promise<T> {
  const config = once(async () => known ?? (await readConfig(places)));
  const client = await connect(places, config);
  if (client) return use(client);
  const { runErrand } = await import('../daemon/alone/errand.ts');
  return runErrand(await config(), { log: commandLog(context), clock: Date.now }, use);
}

/** Lists the bans in force, from the daemon or, when no daemon answers, from the ledger. In the second case, calls `alone` before it resolves. */
export async function listBans(
  context: Context,
  places: Places,
  within: string | undefined,
  alone: (config: Config) => void = () => {},
): Promise<readonly BanRow[]> {
  const config = once(() => readConfig(places));
  const client = await connect(places, config, true);
  if (client) return client.bans(within);
  const { readBans } = await import('../daemon/alone/errand.ts');
  const rows = readBans(await config(), { log: commandLog(context), clock: Date.now }, within);
  alone(await config());
  return rows;
}

/** The configuration, read at the first call and then kept. */
type ReadOnce = () => Promise<Config>;

function once(read: ReadOnce): ReadOnce {
  let config: Promise<Config> | undefined;
  return () => (config ??= read());
}

/**
 * Finds the daemon that answers, if any. The default socket is tried before the configuration is read, because reading the configuration
 * takes longer than the rest of the command. `reads`: the request changes nothing, so the socket for readers suffices.
 */
async function connect(places: Places, config: ReadOnce, reads = false): Promise<ControlClient | undefined> {
  if (places.socket !== undefined) return clientAt(places.socket);
  if (places.config === undefined) {
    const client = await clientAt(DEFAULT_SOCKET, reads ? DEFAULT_READERS_SOCKET : undefined).catch((thrown: unknown) => {
      if (!reads) throw thrown;
    });
    if (client) return client;
  }
  const { socket, readers } = (await config()).control;
  return clientAt(socket, reads ? readers?.socket : undefined);
}

/** Connects to the daemon at `socket`, or at `second` when this user may not use `socket`. Rejects when this user may use neither socket. */
async function clientAt(socket: string, second?: string): Promise<ControlClient | undefined> {
  try {
    return (await isRunning(socket)) ? callControl(socket) : undefined;
  } catch (thrown) {
    if (second === undefined || !(await isRunning(second).catch(() => false))) throw thrown;
    return callControl(second);
  }
}
