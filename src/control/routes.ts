// Maps each request to the report or order that carries it out. Requests do not wait for each other. So the programs of an action may run
// `trapline` commands while the daemon carries out a request.
import type { IncomingMessage } from 'node:http';
import { ControlError, EXIT } from '../errors.ts';
import { readBody, readLines, type BodyRoom } from '../lib/http/body.ts';
import { HttpError } from '../lib/http/refusal.ts';
import { PagedList } from '../lib/http/send.ts';
import { printable } from '../lib/text/printable.ts';
import type { BanRow, Orders, Reports } from '../words/desk.ts';
import { BY_HEADER, LONGEST_BODY, LONGEST_LINE, PATHS, REQUESTS } from './protocol.ts';
import { parseBanRequest, parseBy, parseQuery, parseSwitch, parseUnbanRequest, readHits } from './requests.ts';

/** The reports and orders that a socket serves. */
export interface ControlPorts {
  readonly reports: Reports;
  /** Undefined on a socket for readers. */
  readonly orders: Orders | undefined;
}

/** Time limits of a request (milliseconds). */
export interface RequestLimits {
  /** The time from the headers to the end of the body. */
  readonly bodyTime: number;
  /** The time between two pieces of a stream of hits. */
  readonly silence: number;
  /** The memory for the bodies of all requests; absent: no limit. */
  readonly room?: BodyRoom | undefined;
}

/** A request whose query has been checked. */
interface Asked {
  readonly query: ReadonlyMap<string, string>;
  /** The user who makes the request, according to the client. */
  readonly by: { readonly by?: string };
  /** Reads the body as text. */
  readonly body: () => Promise<string>;
  /** Reads the body line by line. */
  readonly lines: () => AsyncIterable<readonly string[]>;
}

/** Carries out one kind of request. `query` names the parameters that the request may have. */
interface Route<Port> {
  readonly query: readonly string[];
  readonly run: (port: Port, asked: Asked) => unknown;
}

const REPORTS: Readonly<Record<string, Route<Reports>>> = {
  [`GET ${PATHS.status}`]: { query: [], run: (reports) => reports.status() },
  [`GET ${PATHS.bans}`]: { query: ['within'], run: (reports, { query }) => inPages(reports.bans(query.get('within'))) },
};

const ORDERS: Readonly<Record<string, Route<Orders>>> = {
  [`POST ${PATHS.bans}`]: {
    query: [],
    run: async (orders, { body, by }) => inPages([await orders.ban({ ...parseBanRequest(await body()), ...by })]),
  },
  [`DELETE ${PATHS.bans}`]: {
    query: [],
    run: async (orders, { body, by }) => inPages([await orders.unban({ ...parseUnbanRequest(await body()), ...by })]),
  },
  [`POST ${PATHS.reload}`]: {
    query: [],
    run: async (orders) => {
      await orders.reload();
      return { reloaded: true };
    },
  },
  [`POST ${PATHS.hits}`]: {
    query: ['from-now'],
    run: (orders, { query, lines }) => orders.judge(readHits(lines()), { fromNow: parseSwitch(query, 'from-now') }),
  },
};

function inPages(pages: Iterable<readonly BanRow[]>): PagedList {
  return new PagedList('bans', pages);
}

/**
 * Carries out a request and resolves to its answer, a value or a PagedList. Rejects with HttpError for an unknown path (404) and for a
 * method that is not allowed at the path (405). Rejects with ControlError (exit code 77) for an order on a socket for readers. Also rejects
 * when the report or order rejects.
 */
export async function carryOut(
  request: IncomingMessage,
  { reports, orders }: ControlPorts,
  limits: RequestLimits,
): Promise<unknown> {
  const { method = '', url = '' } = request;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const asked = (known: readonly string[]): Asked => ({
    query: parseQuery(mark < 0 ? '' : url.slice(mark + 1), known),
    by: parseBy(request.headers[BY_HEADER]),
    body: () => readBody(request, { longest: LONGEST_BODY, time: limits.bodyTime, room: limits.room }),
    lines: () => readLines(request, { longest: LONGEST_LINE, silence: limits.silence, advice: 'send one hit a line' }),
  });
  const report = entryOf(REPORTS, `${method} ${path}`);
  if (report) return report.run(reports, asked(report.query));
  const order = entryOf(ORDERS, `${method} ${path}`);
  if (!order) throw unknown(method, path);
  if (!orders)
    throw new ControlError(`"${method}" is not for readers, this socket answers GET only; nothing was changed`, EXIT.permission);
  return order.run(orders, asked(order.query));
}

/** Looks up own keys only. The client chooses the key, which must not find an inherited property such as `constructor`. */
function entryOf<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function unknown(method: string, path: string): HttpError {
  const methods = REQUESTS.flatMap(([known, at]) => (at === path ? [known] : []));
  if (methods.length > 0) {
    const words = `"${printable(method, 20)}" is not allowed at ${path}, use ${methods.join(', ')}`;
    return new HttpError(405, words, { allow: methods.join(', ') });
  }
  const known = REQUESTS.map((words) => words.join(' ')).join(', ');
  return new HttpError(404, `"${printable(path, 80)}" is not known, try one of ${known}`);
}
