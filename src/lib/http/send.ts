// Sends answers as JSON: a value at once, or a long list page by page, no faster than the client reads.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as breathe } from 'node:timers/promises';
import { waitAtMost } from '../patience.ts';
import { printableJson } from '../text/printable.ts';
import { nextOf } from './events.ts';
import type { TurnQueue } from './turns.ts';

/** A JSON object with one list, `{"<key>":[...]}`, whose entries are made a page at a time while the list is sent. */
export class PagedList {
  readonly key: string;
  readonly pages: Iterable<readonly unknown[]>;

  constructor(key: string, pages: Iterable<readonly unknown[]>) {
    this.key = key;
    this.pages = pages;
  }
}

/** An exchange of one request and its answer. Times in milliseconds. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When the answer is sent before the request has arrived, the rest of the request is still read for this long. */
  readonly grace: number;
  /** How long the client may take to read a page of a list before the connection is closed. */
  readonly pageTime: number;
  /** The lists of all clients are made in turns. */
  readonly turns: TurnQueue;
}

/**
 * The number of characters of a list that are made and sent at a time. This takes a few milliseconds, during which no other request is answered.
 * For a client that reads slowly, about this number of characters waits in memory.
 */
const TEXT = 16_384;

/**
 * The parts of a list that are sent in one turn. This is more than a Unix socket holds (208 KiB), so a client that reads nothing has one turn,
 * and its entries are not kept in memory for several turns.
 */
const PARTS = 16;

const JSON_TYPE = 'application/json';

/** Sends a value as JSON on one line. */
export function sendValue(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = `${printableJson(value)}\n`;
  exchange.response.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': Buffer.byteLength(text), ...headers });
  finish(exchange, text);
}

/**
 * Sends a list with status 200; other requests are answered between its pages. The lists of several clients are made in turns: if all were
 * made at once, each would keep a page in memory, and the answers to other requests would wait for a page of each. When a page cannot be made,
 * throws the error if nothing has been sent yet, and otherwise passes it to `report`. After such an error, and when the client reads too slowly,
 * the connection is closed before the end of the list, so that the client cannot take the list for complete.
 */
export async function sendList(exchange: Exchange, list: PagedList, report: (thrown: unknown) => void): Promise<void> {
  const { response, turns } = exchange;
  response.setHeader('content-type', JSON_TYPE);
  let text = `{${JSON.stringify(list.key)}:[`;
  let comma = '';
  await turns.begin();
  const turn = new Turn(exchange);
  try {
    for (const part of partsOf(list.pages)) {
      // The last part is sent with the end of the answer, so that a short list needs no chunked encoding.
      if (comma !== '' && !(await turn.write(text))) return void response.destroy();
      text = (comma === '' ? text : comma) + part;
      comma = ',';
    }
  } catch (thrown) {
    if (!response.headersSent) throw thrown;
    report(thrown);
    return void response.destroy();
  } finally {
    turns.end();
  }
  finish(exchange, `${text}]}\n`);
}

/** Yields the entries of all pages as text: a page in one part, or in several parts of about TEXT characters. */
function* partsOf(pages: PagedList['pages']): Generator<string> {
  for (const page of pages) {
    let part = '';
    for (const entry of page) {
      part += `${part === '' ? '' : ','}${printableJson(entry)}`;
      if (part.length < TEXT) continue;
      yield part;
      part = '';
    }
    if (part !== '') yield part;
  }
}

/** The turn of one list. */
class Turn {
  readonly #exchange: Exchange;
  #parts = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /**
   * Writes a part and waits until the client has read it. Lets other lists have their turns while the client does not read, and after PARTS
   * parts. Resolves to false when the client has disconnected or is too slow.
   */
  async write(text: string): Promise<boolean> {
    const { response } = this.#exchange;
    response.write(text);
    this.#parts += 1;
    await breathe();
    if (response.writableNeedDrain || this.#parts >= PARTS) await this.#wait();
    return !response.destroyed && !response.writableNeedDrain;
  }

  /** Ends the turn, waits until the client has read, and begins the next turn. */
  async #wait(): Promise<void> {
    const { response, pageTime, turns } = this.#exchange;
    turns.end();
    if (response.writableNeedDrain) await waitAtMost(pageTime, nextOf(response, ['drain', 'close']), () => {});
    await turns.begin();
    this.#parts = 0;
  }
}

/**
 * Ends the answer with `text`. If the client is still sending, its bytes are read and dropped for `grace` milliseconds: a close with unread bytes
 * would reset the connection, and the client would lose the answer. A client that does not read the answer within `pageTime` loses its
 * connection.
 */
function finish({ request, response, grace, pageTime }: Exchange, text: string): void {
  const isWhole = request.complete;
  const unread = setTimeout(() => request.socket.destroy(), isWhole ? pageTime : grace + pageTime);
  response.once('close', () => clearTimeout(unread));
  if (isWhole) {
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
