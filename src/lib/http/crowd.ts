// The open connections of a server. When there are too many, a silent connection is closed, so that a new client can send a request.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isKeptForPrograms } from '../files/descriptors.ts';

/** The limits, and the callback that reports a closed connection. */
interface CrowdTerms {
  /** The maximum number of connections at a time. */
  readonly most: number;
  /** Called with the reason when a connection is closed because of a limit. */
  readonly closed: (because: string) => void;
  /** After this many milliseconds without a byte in either direction, a connection may be closed for a new one. */
  readonly patience: number;
  /** A clock in milliseconds that never goes back. Absent: `performance.now`. */
  readonly clock?: () => number;
}

interface Member {
  /** The number of bytes in both directions, as of the last call of `look`. */
  bytes: number;
  /** When `look` last noticed that this number had changed. */
  since: number;
  /** The requests whose answers are being made. */
  readonly working: Set<IncomingMessage>;
}

/** The open connections. */
export class Crowd {
  readonly #terms: CrowdTerms;
  readonly #clock: () => number;
  readonly #members = new Map<Socket, Member>();

  constructor(terms: CrowdTerms) {
    this.#terms = terms;
    this.#clock = terms.clock ?? (() => performance.now());
  }

  /** The number of open connections. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * Adds a new connection. If there are too many, closes the connection that was silent the longest. If no connection may be closed, or if
   * the new one has a descriptor that is kept for programs, closes the new one.
   */
  admit(socket: Socket): void {
    const { most, closed } = this.#terms;
    if (isKeptForPrograms(descriptorOf(socket))) {
      closed('no file descriptor is left for a connection');
      return void socket.destroy();
    }
    if (this.#members.size >= most) {
      const victim = this.#silent();
      closed(`more than ${most} connections`);
      if (!victim) return void socket.destroy();
      this.#members.delete(victim);
      victim.destroy();
    }
    this.#members.set(socket, { bytes: bytesOf(socket), since: this.#clock(), working: new Set() });
    socket.once('close', () => this.#members.delete(socket));
  }

  /**
   * Runs `work`, which makes the answer to a request. If the whole request has arrived, its connection is not closed for a new one until
   * `work` ends.
   */
  async answering<T>(request: IncomingMessage, work: () => Promise<T>): Promise<T> {
    const working = this.#members.get(request.socket)?.working;
    working?.add(request);
    try {
      return await work();
    } finally {
      working?.delete(request);
    }
  }

  /** Closes every connection at once. */
  closeAll(): void {
    for (const socket of this.#members.keys()) socket.destroy();
  }

  /** Finds out which connections have transferred bytes since the last call. Call it about twice within `patience`. */
  look(): void {
    const now = this.#clock();
    for (const [socket, member] of this.#members) {
      const bytes = bytesOf(socket);
      if (bytes === member.bytes) continue;
      member.bytes = bytes;
      member.since = now;
    }
  }

  /** Of the connections that may be closed, the one that was silent the longest. Undefined: none may be closed. */
  #silent(): Socket | undefined {
    let victim: Socket | undefined;
    let before = this.#clock() - this.#terms.patience;
    for (const [socket, { bytes, since, working }] of this.#members) {
      if (since > before || bytesOf(socket) !== bytes || [...working].some((request) => request.complete)) continue;
      if (victim && since === before) continue;
      victim = socket;
      before = since;
    }
    return victim;
  }
}

function bytesOf({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}

/** The file descriptor of a socket, from an undocumented field of Node. Returns -1 when it cannot be found. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: number } | null };
  return handle?.fd ?? -1;
}
