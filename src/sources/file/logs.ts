// The types of the logs that a file source follows, and of the lines that they give.
import type { Millis } from '../../words/ports.ts';
import type { Cursor } from '../follow/follow.ts';
import type { KeyedCursor } from '../pattern/pattern.ts';

/** Lines of one file. A piece without a path has no lines, and only carries the cursor. */
export interface Piece {
  readonly path: string | undefined;
  readonly bytes: Buffer;
  readonly cursor: Cursor | undefined;
  readonly writtenAfter?: Millis | undefined;
}

/** The log or logs that are being followed. */
export interface Logs {
  /** The number of logs that exist now. */
  readonly present: number;
  /** The number of logs that cannot be read. */
  readonly closed: number;
  /** Why one of these logs cannot be read, with its path. */
  readonly fault: string | undefined;
  /** The cursor after a piece, which is recorded with its lines. */
  cursorAfter(path: string | undefined, cursor: Cursor | undefined): Partial<KeyedCursor>;
  close(): void;
}
