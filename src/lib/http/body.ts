// Reads the bodies of requests within limits of size and time. The connection stays open when a limit is exceeded, so that an answer can be sent.
import type { IncomingMessage } from 'node:http';
import { ControlError } from '../../errors.ts';
import { waitAtMost } from '../patience.ts';
import { LineSplitter } from './lines.ts';
import { HttpError } from './refusal.ts';

/** Limits of a body that is read as a whole. */
interface BodyLimits {
  /** The largest size of the body, in bytes. */
  readonly longest: number;
  /** The longest time until the whole body has arrived, in milliseconds. */
  readonly time: number;
  /** The limit for the memory of all bodies together. Absent: there is no such limit. */
  readonly room?: BodyRoom | undefined;
}

/** A body up to this length needs no reserved memory (bytes). */
const SMALL = 16_384;

/** The memory for the bodies that are being read. */
export class BodyRoom {
  #left: number;

  /** `most`: bytes of all bodies together. */
  constructor(most: number) {
    this.#left = most;
  }

  /** Reserves memory for this number of bytes. Returns false, and reserves nothing, when less memory is left. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  /** Releases reserved memory. */
  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** Limits of a body that is read line by line and may have no end. */
interface LineLimits {
  /** The largest size of one line, in bytes. */
  readonly longest: number;
  /** The longest time between two pieces of the body, in milliseconds. */
  readonly silence: number;
  /** The advice at the end of the message about a line that is too long. */
  readonly advice: string;
}

/**
 * Reads the whole body as text. Rejects with HttpError when the body is too long (413), too slow (408) or incomplete (400), and with
 * ControlError when other bodies take all of the room.
 */
export async function readBody(request: IncomingMessage, { longest, time, room }: BodyLimits): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  let taken = 0;
  const end = performance.now() + time;
  const tooLong = new HttpError(413, `body of more than ${longest / 1024} KiB, split the request`);
  if (Number(request.headers['content-length'] ?? 0) > longest) throw tooLong;
  try {
    for await (const piece of piecesOf(request, () => end - performance.now())) {
      length += piece.length;
      if (length > longest) throw tooLong;
      const more = Math.max(0, length - SMALL) - taken;
      if (room && !room.take(more)) throw new ControlError('other clients are sending long requests at the moment, try again');
      taken += more;
      pieces.push(piece);
    }
    return Buffer.concat(pieces, length).toString('utf8');
  } finally {
    room?.give(taken);
  }
}

/**
 * Reads the lines of a body. For each piece of the body that arrives, yields the lines that end in this piece. Reads the next piece when the
 * caller asks for more lines. Rejects with UsageError for a line that is too long, and with HttpError when no piece comes in time (408) or
 * the body is incomplete (400).
 */
export async function* readLines(request: IncomingMessage, limits: LineLimits): AsyncGenerator<readonly string[]> {
  const splitter = new LineSplitter(limits.longest, limits.advice);
  for await (const piece of piecesOf(request, () => limits.silence)) yield splitter.add(piece);
  yield [splitter.rest()];
}

/** Yields the pieces of a body. Waits at most `patience()` milliseconds for each piece. */
async function* piecesOf(request: IncomingMessage, patience: () => number): AsyncGenerator<Buffer> {
  // By default, the connection would be closed with the iterator, and the answer could not be sent.
  const iterator = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await waitAtMost(patience(), nextPiece(iterator), tooSlow);
      if (next === undefined) break;
      yield next;
    }
  } finally {
    void iterator.return?.(); // This is not awaited, because it may wait for a piece that never comes.
  }
  if (!request.complete) throw new HttpError(400, 'the request is incomplete, its remaining part was not received');
}

async function nextPiece(iterator: NodeJS.AsyncIterator<unknown>): Promise<Buffer | undefined> {
  try {
    const next = await iterator.next();
    return next.done ? undefined : (next.value as Buffer);
  } catch {
    return undefined; // After any error (ECONNRESET, EPIPE, aborted) the connection is closed, and the request is not complete.
  }
}

function tooSlow(): never {
  throw new HttpError(408, 'the request took too long to arrive, send it again');
}
