// Reads bodies of requests within limits of size and time, and leaves the connection fit for an answer when they are exceeded.
import type { IncomingMessage } from 'node:http';
import { UsageError } from '../errors.ts';
import type { Hit } from '../types.ts';
import { LONGEST_BODY } from './protocol.ts';
import { LineSplitter, parseHit } from './requests.ts';

/** Hits that are handed on together. */
const HITS_TOGETHER = 1000;

/** A request refused for how it was sent; `status` is the one of HTTP, `headers` go with the answer. */
export class TransportError extends UsageError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** The whole body as text. Rejects with TransportError: above 1 MiB, not all there within `time` milliseconds, or cut off. */
export async function readBody(request: IncomingMessage, time: number): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  const end = performance.now() + time;
  const tooLong = new TransportError(413, `body of more than ${LONGEST_BODY / 1024} KiB, split the request`);
  if (Number(request.headers['content-length'] ?? 0) > LONGEST_BODY) throw tooLong;
  for await (const piece of piecesOf(request, () => end - performance.now())) {
    length += piece.length;
    if (length > LONGEST_BODY) throw tooLong;
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length).toString('utf8');
}

/**
 * The hits of a stream of lines, in bunches, read only as fast as they are taken; empty lines are signs of life. Throws UsageError for a
 * line that is no hit, TransportError when the stream is silent for `silence` milliseconds or cut off.
 */
export async function* readHits(request: IncomingMessage, silence: number): AsyncGenerator<readonly Hit[]> {
  const splitter = new LineSplitter();
  let number = 0;
  let bunch: Hit[] = [];
  const take = (line: string): void => {
    number += 1;
    if (line.trim() !== '') bunch.push(parseHit(line, number));
  };
  for await (const piece of piecesOf(request, () => silence)) {
    for (const line of splitter.add(piece)) take(line);
    if (bunch.length < HITS_TOGETHER) continue;
    yield bunch;
    bunch = [];
  }
  take(splitter.rest());
  if (bunch.length > 0) yield bunch;
}

/** The pieces of a body; waits for each at most `patience()` milliseconds. Ending early leaves the request open, for the answer. */
async function* piecesOf(request: IncomingMessage, patience: () => number): AsyncGenerator<Buffer> {
  const iterator = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await withPatience(nextPiece(iterator), patience());
      if (next === undefined) break;
      yield next;
    }
  } finally {
    void iterator.return?.(); // Not awaited: it may be waiting for a piece that never comes.
  }
  if (!request.complete) throw cutOff();
}

async function nextPiece(iterator: NodeJS.AsyncIterator<unknown>): Promise<Buffer | undefined> {
  try {
    const next = await iterator.next();
    return next.done ? undefined : (next.value as Buffer);
  } catch {
    // Whatever it was, the connection is gone: ECONNRESET, EPIPE, aborted.
    throw cutOff();
  }
}

function cutOff(): TransportError {
  return new TransportError(400, 'the request was cut off, nothing more of it was taken');
}

async function withPatience<T>(waited: Promise<T>, patience: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TransportError(408, 'the request took too long to arrive, send it again')), patience);
  });
  try {
    return await Promise.race([waited, late]);
  } finally {
    clearTimeout(timer);
  }
}
