// Finds the records of containers that continue a line. A container runtime cuts a long line into several records. The text of a further record
// begins in the middle of a line, possibly with text of a client, and must not be taken for a line.
import { criHead } from './cri.ts';
import { isDocker, isPart, SHORTEST_PART } from './docker.ts';
import { readObject, textIn } from './object.ts';

const NEWLINE = 0x0a;
const BRACE = 0x7b;

/** The longest start of a record of the CRI log format. */
const LONGEST_HEAD = 128;

/** A record: its stream (undefined: unknown), and whether a further record continues its line. */
interface Piece {
  readonly stream: 'stdout' | 'stderr' | undefined;
  readonly isPart: boolean;
}

/** The records of one log. */
export class Parts {
  /** The streams whose last record held a part of a line that goes on. */
  readonly #open = new Set<string>();

  /** True when a further record must continue the line of a stream. */
  get open(): boolean {
    return this.#open.size > 0;
  }

  /** Returns the offsets of the lines that continue the line of an earlier record. `bytes`: the next whole lines of the log. */
  continued(bytes: Buffer): ReadonlySet<number> {
    const found = new Set<number>();
    for (let start = 0; start < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.length : newline;
      const piece = this.#pieceAt(bytes, start, end);
      if (piece) this.#add(piece, start, found);
      start = end + 1;
    }
    return found;
  }

  #add({ stream, isPart: more }: Piece, start: number, found: Set<number>): void {
    for (const one of stream === undefined ? ['stdout', 'stderr'] : [stream]) {
      if (this.#open.has(one)) found.add(start);
      if (more) this.#open.add(one);
      else this.#open.delete(one);
    }
  }

  /** Undefined for a line that is no record, and for a short record of Docker while no part is open: it is a whole line. */
  #pieceAt(bytes: Buffer, start: number, end: number): Piece | undefined {
    if (bytes[start] !== BRACE) {
      const head = criHead(bytes.toString('latin1', start, Math.min(end, start + LONGEST_HEAD)));
      return head && { stream: head.stream === 'stdout' ? 'stdout' : 'stderr', isPart: head.isPart };
    }
    if (end - start < SHORTEST_PART && !this.open) return undefined;
    const members = readObject(bytes.toString('utf8', start, end));
    // A long record that cannot be read was cut, because its escapes made it longer than a line may be.
    if (!members) return end - start < SHORTEST_PART ? undefined : { stream: undefined, isPart: true };
    if (!isDocker(members)) return undefined;
    return { stream: textIn(members, 'stream') === 'stdout' ? 'stdout' : 'stderr', isPart: isPart(members) };
  }
}
