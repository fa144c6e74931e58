// Which request is carried out by what. Requests are not queued: an action that calls the command line is answered while it runs.
import type { IncomingMessage } from 'node:http';
import { ControlError, EXIT } from '../errors.ts';
import { printable } from '../lib/printable.ts';
import type { BanRow, Controls } from '../types.ts';
import { readBody, readHits, TransportError } from './body.ts';
import { PATHS, REQUESTS, type BansAnswer } from './protocol.ts';
import { parseBanRequest, parseQuery, parseSwitch, parseUnbanRequest } from './requests.ts';

/** Times in milliseconds. */
interface Times {
  readonly bodyTime: number;
  readonly silence: number;
}

/** Bans that are sent at once. */
const PAGE = 2_000;

/** A BansAnswer that is too long to be made at once. */
export class Pages {
  readonly pages: Iterable<readonly BanRow[]>;

  constructor(pages: Iterable<readonly BanRow[]>) {
    this.pages = pages;
  }
}

/** Carries out one request; what it returns is the answer. Rejects with an expected error to refuse it. */
export type Route = (controls: Controls, request: IncomingMessage, times: Times) => Promise<unknown>;

/** Carries out `method path`; the query has been checked against the names in `query`. */
interface Entry {
  readonly query: readonly string[];
  readonly run: (
    controls: Controls,
    query: ReadonlyMap<string, string>,
    request: IncomingMessage,
    times: Times,
  ) => Promise<unknown>;
}

const ROUTES: Readonly<Record<string, Entry>> = {
  [`GET ${PATHS.status}`]: { query: [], run: async (controls) => controls.status() },
  [`GET ${PATHS.bans}`]: {
    query: ['within'],
    run: async (controls, query): Promise<BansAnswer | Pages> => {
      const within = query.get('within');
      const pages = within === undefined ? controls.pages?.() : undefined;
      return pages ? new Pages(pages) : { bans: controls.bans(within) };
    },
  },
  [`POST ${PATHS.bans}`]: {
    query: [],
    run: async (controls, _, request, { bodyTime }): Promise<BansAnswer> => ({
      bans: await controls.ban(parseBanRequest(await readBody(request, bodyTime))),
    }),
  },
  [`DELETE ${PATHS.bans}`]: {
    query: [],
    run: async (controls, _, request, { bodyTime }): Promise<BansAnswer | Pages> => {
      const bans = await controls.unban(parseUnbanRequest(await readBody(request, bodyTime)));
      return bans.length > PAGE ? new Pages(pagesOf(bans)) : { bans };
    },
  },
  [`POST ${PATHS.reload}`]: {
    query: [],
    run: async (controls) => {
      await controls.reload();
      return { reloaded: true };
    },
  },
  [`POST ${PATHS.hits}`]: {
    query: ['from-now'],
    run: (controls, query, request, { silence }) =>
      controls.judge(readHits(request, silence), { fromNow: parseSwitch(query, 'from-now') }),
  },
};

function* pagesOf(bans: readonly BanRow[]): Generator<readonly BanRow[]> {
  for (let from = 0; from < bans.length; from += PAGE) yield bans.slice(from, from + PAGE);
}

/**
 * Finds what carries out a request. Throws TransportError: 404 for an unknown path, 405 for a method that its path does not know; with
 * `readOnly` ControlError (exit code 77) for whatever would change something.
 */
export function routeOf(request: IncomingMessage, readOnly = false): Route {
  const { method = '', url = '' } = request;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const route = Object.hasOwn(ROUTES, `${method} ${path}`) ? ROUTES[`${method} ${path}`] : undefined;
  if (!route) throw unknown(method, path);
  if (readOnly && method !== 'GET') {
    throw new ControlError(`"${method}" is not for readers, this socket only tells; nothing was changed`, EXIT.permission);
  }
  return async (controls, incoming, times) => {
    const query = parseQuery(mark < 0 ? '' : url.slice(mark + 1), route.query);
    return route.run(controls, query, incoming, times);
  };
}

function unknown(method: string, path: string): TransportError {
  const methods = REQUESTS.flatMap(([known, at]) => (at === path ? [known] : []));
  if (methods.length > 0) {
    const words = `"${printable(method, 20)}" is not known at ${path}, it knows ${methods.join(', ')}`;
    return new TransportError(405, words, { allow: methods.join(', ') });
  }
  const known = REQUESTS.map((words) => words.join(' ')).join(', ');
  return new TransportError(404, `"${printable(path, 80)}" is not known, try one of ${known}`);
}
