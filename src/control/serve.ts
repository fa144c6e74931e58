// The server of the control socket: accepts requests on a Unix socket and passes them to Reports and Orders.
import type { Server } from 'node:http';
import { claimSocket, hasVanished, type SocketPlace } from '../lib/http/socket.ts';
import { BodyRoom } from '../lib/http/body.ts';
import { closeServer, makeServer, type ServerLimits } from '../lib/http/server.ts';
import type { Log } from '../words/ports.ts';
import { callControl } from './call.ts';
import { carryOut, type ControlPorts, type RequestLimits } from './routes.ts';

/** Limits for clients: times in milliseconds, and a number of connections. */
export interface Limits extends ServerLimits, RequestLimits {}

const LIMITS: Limits = {
  connections: 1024,
  silentTime: 1000,
  headTime: 10_000,
  bodyTime: 10_000,
  silence: 60_000,
  pageTime: 10_000,
  grace: 500,
};

/** The memory for all bodies that are being read (bytes). Small bodies do not count. */
const MOST_IN_BODIES = 64 * 1_048_576;

/** How long a daemon that already answers at the path may take to send its process id (milliseconds). */
const PID_TIME = 2000;

/** Where the server listens, and limits that replace the default limits. */
interface ServeOptions extends SocketPlace {
  readonly limits?: Partial<Limits>;
}

/** A socket that is served. */
export interface Control {
  /**
   * If the path of the socket has vanished, makes the socket again. Requests on the old connections go on. Rejects as claimSocket does, for
   * example when the folder of the socket may not be made; the next call tries again.
   */
  renew(): Promise<void>;
  /** Removes the socket, and ends every connection within half a second. */
  close(): Promise<void>;
}

/**
 * Serves requests on the socket; without `orders` it is a socket for readers, which refuses every request that changes something. Resolves
 * when clients can connect. Rejects as claimSocket does: when another daemon answers at the path, when this user may not make the socket, and
 * when the path cannot be a socket.
 */
export async function serveControl(ports: ControlPorts, options: ServeOptions, log: Log): Promise<Control> {
  const limits = { ...LIMITS, room: new BodyRoom(MOST_IN_BODIES), ...options.limits };
  const { socket } = options;
  const claim = {
    ...options,
    option: ports.orders ? 'control.socket' : 'control.readers_socket',
    occupant: async () => `another trapline answers on ${socket}${await pidOf(socket)}`,
  };
  /** The servers that have connections: the last one listens. */
  const servers = new Set<Server>();
  const open = async (): Promise<() => void> => {
    const server = makeServer({ name: socket, limits, answer: (request) => carryOut(request, ports, limits), log });
    const release = await claimSocket(server, claim, log);
    servers.add(server);
    server.once('close', () => servers.delete(server));
    return release;
  };
  let release = await open();
  let renewing: Promise<void> | undefined;
  const renew = async (): Promise<void> => {
    const before = [...servers];
    release = await open();
    log.notice(`${socket}: had been removed, and was made again`);
    for (const server of before) server.close();
  };
  return {
    renew: async () => {
      if (renewing || !hasVanished(socket)) return;
      await (renewing = renew().finally(() => (renewing = undefined)));
    },
    close: async () => {
      await renewing?.catch(() => {});
      release();
      await Promise.all([...servers].map((server) => closeServer(server, limits.grace)));
    },
  };
}

async function pidOf(socket: string): Promise<string> {
  try {
    return ` (pid ${(await callControl(socket, { time: PID_TIME }).status()).pid})`;
  } catch {
    return ''; // Another program listens at the socket, or the daemon hangs. The message then has no process id.
  }
}
