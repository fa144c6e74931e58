// The settings and callbacks with which the logs of a pattern are followed.
import type { Millis } from '../../words/ports.ts';
import type { Cursor, FollowPorts } from '../follow/follow.ts';

/** The settings and callbacks for following a pattern. */
export interface PatternPorts {
  readonly pattern: string;
  /** The name of the source, which is the key of its cursors. */
  readonly source: string;
  /** Where to begin in the logs that exist at the very first start. */
  readonly from: 'start' | 'end';
  /**
   * Takes lines of a log, their cursor, and `Batch.writtenAfter`. A call without a path has no lines, and records the cursors of all logs.
   * Resolves when the lines have been processed.
   */
  readonly give: (path: string | undefined, bytes: Buffer, cursor: Cursor | undefined, writtenAfter?: Millis) => Promise<void>;
  /** Takes a text for the operator, see FollowPorts. `path` is the path of the log. */
  readonly notice: (path: string, kind: string, text: string) => void;
  /** Called when a log cannot be opened or read. The log will be tried again. */
  readonly unreadable: (path: string, thrown: unknown) => void;
  /** Called when no file matches at the first scan. */
  readonly matchesNothing: () => void;
  readonly lost: FollowPorts['lost'];
  /** Called with the whole lines of a log right before the place at which reading begins. */
  readonly resumed?: (path: string, before: Buffer) => void;
  readonly fail: (thrown: unknown) => void;
  readonly clock: () => Millis;
  /** Poll interval in milliseconds. */
  readonly poll: Millis;
}
