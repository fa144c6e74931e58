// The daemon's door: lets operators in over a Unix socket, answers each request on its own, and hands what they ask for to Controls.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setImmediate as breathe } from 'node:timers/promises';
import { Seldom } from '../lib/log.ts';
import { printableJson } from '../lib/printable.ts';
import type { BanRow, Controls, Log } from '../types.ts';
import { TransportError } from './body.ts';
import { refusalOf } from './refusal.ts';
import { Pages, routeOf } from './routes.ts';
import { claimSocket, type SocketOptions } from './socket.ts';

/** How much of the daemon clients may take up. Times in milliseconds. */
export interface Limits {
  /** Connections at a time; more are closed at once. */
  readonly connections: number;
  /** From the connection to the end of the headers. */
  readonly headTime: number;
  /** From the headers to the end of the body. */
  readonly bodyTime: number;
  /** Between two pieces of a stream of hits. */
  readonly silence: number;
  /** What is still in work may go on for so long when the server closes, and a refused body is still read for so long. */
  readonly grace: number;
}

const LIMITS: Limits = { connections: 1024, headTime: 10_000, bodyTime: 10_000, silence: 60_000, grace: 500 };

/** How long a client may leave one page of bans lying (milliseconds). */
const PAGE_TIME = 10_000;

/** Bytes of all headers of a request. */
const LONGEST_HEAD = 16_384;

/** What a server is told. */
export interface ServeOptions extends SocketOptions {
  /** Serves only what changes nothing. */
  readonly readOnly?: boolean;
  readonly limits?: Partial<Limits>;
}

/**
 * Serves Controls on the socket. Resolves when it can be called; `close` removes the socket and ends every connection within half a second.
 * Rejects as claimSocket does: another daemon answers there, no permission, no place for a socket.
 */
export async function serveControl(controls: Controls, options: ServeOptions, log: Log): Promise<{ close(): Promise<void> }> {
  const limits = { ...LIMITS, ...options.limits };
  const readOnly = options.readOnly ?? false;
  const server = createServer(
    {
      maxHeaderSize: LONGEST_HEAD,
      headersTimeout: limits.headTime,
      requestTimeout: 0, // Bodies have limits of their own.
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: Math.min(1000, limits.headTime / 2),
    },
    (request, response) => void answer(() => routeOf(request, readOnly)(controls, request, limits), limits, log, request, response),
  );
  server.maxConnections = limits.connections;
  const seldom = new Seldom(60_000);
  server.on('drop', () =>
    seldom.say('drop', `${options.socket}: more than ${limits.connections} connections, closed one`, (text) => log.warn(text)),
  );
  server.on('clientError', refuseGarbage);
  const release = await claimSocket(server, options, log);
  return {
    close: async () => {
      release();
      await closeWithin(server, limits.grace);
    },
  };
}

async function answer(
  ask: () => Promise<unknown>,
  limits: Limits,
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const value = await ask();
    if (value instanceof Pages) return await sendPages(response, value.pages);
    respond(request, response, limits.grace, { status: 200, headers: {}, answer: value });
  } catch (thrown) {
    respond(request, response, limits.grace, refusalOf(thrown, log));
  }
}

/** Sends bans as they are made, as fast as they are taken, and lets others have their turn. What fails half-way breaks the connection off. */
async function sendPages(response: ServerResponse, pages: Iterable<readonly BanRow[]>): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"bans":[');
  let comma = '';
  try {
    for (const page of pages) {
      if (page.length === 0) continue;
      const text = comma + page.map((row) => printableJson(row)).join(',');
      const taken = response.write(text) || once(response, 'drain', { signal: AbortSignal.timeout(PAGE_TIME) });
      await Promise.all([taken, breathe()]);
      comma = ',';
    }
    response.end(']}\n');
  } catch {
    response.destroy();
  }
}

/** Sends an answer. When the client is still sending, its words are taken for a moment: it would not see the answer otherwise. */
function respond(
  request: IncomingMessage,
  response: ServerResponse,
  grace: number,
  { status, headers, answer: value }: { status: number; headers: Readonly<Record<string, string>>; answer: unknown },
): void {
  const text = `${printableJson(value)}\n`;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers });
  if (request.complete) {
    response.end(text);
    return;
  }
  response.write(text);
  request.resume();
  const end = (): void => {
    clearTimeout(timer);
    response.end();
    if (!request.complete) request.socket.destroySoon();
  };
  const timer = setTimeout(end, grace);
  request.once('end', end);
  request.once('close', end);
}

/** What is not HTTP, or comes too slowly or too long to be a request, still gets an answer of one line. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: NodeJS.WritableStream & { destroy(): void }): void {
  if (!socket.writable) return socket.destroy();
  const [line, words] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', `headers of more than ${LONGEST_HEAD / 1024} KiB, send fewer`]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'the request took too long to arrive, send it again']
        : ['400 Bad Request', 'not a request of HTTP/1.1, ask with curl --unix-socket or trapline'];
  const { answer: body } = refusalOf(new TransportError(Number(line?.slice(0, 3)), words ?? ''), undefined);
  const text = `${JSON.stringify(body)}\n`;
  const head = `HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}`;
  socket.end(`${head}\r\n\r\n${text}`);
}

async function closeWithin(server: Server, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const timer = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearTimeout(timer);
}
