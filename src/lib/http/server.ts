// An HTTP server that no client can block: it limits connections, time and size, and answers every request in JSON.
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errnoOf, messageOf } from '../../errors.ts';
import { mostConnections } from '../files/descriptors.ts';
import type { Logger } from '../text/log.ts';
import { Throttle } from '../text/throttle.ts';
import { Crowd } from './crowd.ts';
import { HttpError, refusalOf } from './refusal.ts';
import { PagedList, sendList, sendValue, type Exchange } from './send.ts';
import { TurnQueue } from './turns.ts';

/** Limits for clients. Times in milliseconds. */
export interface ServerLimits {
  /**
   * The maximum number of connections at a time; a quarter of the file descriptors if that is less. When a client connects beyond this limit, the
   * connection that was silent the longest is closed. If no connection was silent for `silentTime`, the new one is closed.
   */
  readonly connections: number;
  /** After this time without a byte, a connection may be closed for a new one. */
  readonly silentTime: number;
  /** The longest time from the start of a connection to the end of the headers. */
  readonly headTime: number;
  /** The longest time from one page of a list to the next page, and from the end of the answer until the client has read it. */
  readonly pageTime: number;
  /** How long the rest of a request is still read after its answer was sent. Also how long requests in progress may take when the server closes. */
  readonly grace: number;
}

/** How a server is made. */
interface ServerOptions {
  /** The text with which the log messages of this server begin. */
  readonly name: string;
  readonly limits: ServerLimits;
  /** Carries out a request. Resolves to the value or the PagedList to be sent as JSON; rejects to refuse the request. */
  readonly answer: (request: IncomingMessage) => Promise<unknown>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

/** The largest size of all headers of a request together, in bytes. */
const LONGEST_HEAD = 16_384;

/** How long a connection may stay open between two requests (milliseconds). */
const IDLE_TIME = 5000;

/** The shortest time between two log lines about refused connections (milliseconds). */
const QUIET = 60_000;

/** Makes a server that does not listen yet. A connection that cannot be accepted is reported, and the server goes on. */
export function makeServer({ name, limits, answer, log }: ServerOptions): Server {
  const { grace, pageTime, silentTime } = limits;
  const turns = new TurnQueue();
  const exchangeOf = (request: IncomingMessage, response: ServerResponse): Exchange => ({
    request,
    response,
    grace,
    pageTime,
    turns,
  });
  const throttle = new Throttle(QUIET);
  const report = (text: string): void => throttle.pass(text, `${name}: ${text}`, (line) => log.warn(line));
  const crowd = new Crowd({
    most: mostConnections(limits.connections),
    patience: silentTime,
    closed: (because) => report(`${because}, closed one`),
  });
  const server = createServer(
    {
      maxHeaderSize: LONGEST_HEAD,
      headersTimeout: limits.headTime,
      requestTimeout: 0, // The readers of bodies have their own time limits.
      keepAliveTimeout: IDLE_TIME,
      connectionsCheckingInterval: Math.min(1000, limits.headTime / 2),
      requireHostHeader: false, // `answerOn` refuses a request without `Host`, and gives the reason. Node would give no reason.
    },
    (request, response) => void respond(exchangeOf(request, response), (asked) => answerOn(crowd, asked, answer), log),
  );
  // A client may close its sending end after a request (`nc -N`). Node would then close the connection without an answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  crowds.set(server, crowd);
  server.on('connection', (socket) => crowd.admit(socket));
  server.on('clientError', (error, socket) => refuse(socket, faultOf(error), grace));
  server.on('connect', (_, socket) => refuse(socket, NO_PROXY, grace));
  server.on('checkExpectation', (request, response) => {
    void respond(exchangeOf(request, response), () => Promise.reject(UNEXPECTED), log);
  });
  server.once('listening', () => {
    const looking = setInterval(() => crowd.look(), silentTime / 2).unref();
    server.once('close', () => clearInterval(looking));
    server.on('error', (error) => report(`a connection cannot be accepted (${errnoOf(error) ?? messageOf(error)})`));
  });
  return server;
}

/**
 * The connections of each server. Node's own list lacks connections whose client sent no request, and connections whose bytes have not been
 * read.
 */
const crowds = new WeakMap<Server, Crowd>();

/** Stops listening, gives requests in progress `grace` milliseconds, then closes every connection. Never rejects. */
export async function closeServer(server: Server, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const timer = setTimeout(() => crowds.get(server)?.closeAll(), grace);
  await closed;
  clearTimeout(timer);
}

async function respond(exchange: Exchange, answer: ServerOptions['answer'], log: ServerOptions['log']): Promise<void> {
  try {
    const value = await answer(exchange.request);
    if (value instanceof PagedList) await sendList(exchange, value, (thrown) => void refusalOf(thrown, log));
    else sendValue(exchange, 200, value);
  } catch (thrown) {
    const { status, headers, answer: refusal } = refusalOf(thrown, log);
    sendValue(exchange, status, refusal, headers);
  }
}

const NO_PROXY = new HttpError(405, '"CONNECT" is not known, this server is no proxy; ask with curl --unix-socket or trapline');

const UNEXPECTED = new HttpError(417, 'the header "Expect" asks for something that this server cannot do, leave it out');

const NO_HOST = new HttpError(400, 'the header "Host" is missing, HTTP/1.1 asks for it (RFC 9112, 3.2); send any name');

/** Carries out a request. Throws for a request of HTTP/1.1 without the header `Host`. */
function answerOn(crowd: Crowd, request: IncomingMessage, answer: ServerOptions['answer']): Promise<unknown> {
  if (request.httpVersion === '1.1' && request.headers.host === undefined) throw NO_HOST;
  return crowd.answering(request, () => answer(request));
}

/** The fault of bytes that Node cannot read as a request: they are not HTTP, arrive too slowly, or have too many headers. */
function faultOf({ code }: NodeJS.ErrnoException): HttpError {
  if (code === 'HPE_HEADER_OVERFLOW') return new HttpError(431, `headers of more than ${LONGEST_HEAD / 1024} KiB, send fewer`);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpError(408, 'the request took too long to arrive, send it again');
  return new HttpError(400, 'not a request of HTTP/1.1, ask with curl --unix-socket or trapline');
}

/** The connections that have been refused. They are not answered again, whatever their clients send afterwards. */
const refused = new WeakSet<Duplex>();

/**
 * Sends one line of JSON to a client from which no request can be read. Closes the connection after `grace` milliseconds at the latest, even
 * when the client neither reads the answer nor closes its end. If the connection cannot be written to, closes it at once.
 */
function refuse(socket: Duplex, fault: HttpError, grace: number): void {
  if (refused.has(socket)) return;
  refused.add(socket);
  if (!socket.writable) return void socket.destroy();
  const { status, answer } = refusalOf(fault, undefined);
  const text = `${JSON.stringify(answer)}\n`;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}`;
  socket.on('error', () => {}).resume(); // A connection that is closed with unread bytes is reset, and the client would lose the answer.
  socket.end(`${head}\r\n\r\n${text}`);
  const timer = setTimeout(() => socket.destroy(), grace);
  socket.once('close', () => clearTimeout(timer));
}
