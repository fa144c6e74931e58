// Merges the hits of several logs by time, so that the logs of two mail servers give the verdicts that one log with all their lines would give.
import type { Millis } from '../../words/ports.ts';
import type { Hit } from '../../words/walk.ts';

/** A log of a backfill. */
export interface Stream {
  /** The time of the first line. The log is not opened before the merge has come to this time. */
  readonly start: Millis;
  /** Yields the hits in the order of the lines. `isLast` returns true when no other log is open or has to be opened. */
  readonly hits: (isLast: () => boolean) => AsyncIterable<readonly Hit[]>;
}

/** The number of hits that are yielded together. */
const TOGETHER = 2000;

/** A log that is open. `ahead`: the next hits, at least one after each call of `filled`. */
interface Open {
  readonly rest: AsyncIterator<readonly Hit[]>;
  ahead: readonly Hit[];
}

/**
 * Yields the hits of all streams, ordered by time. The hits of one stream keep their order. `streams` are ordered by their start. A stream that
 * is open when the caller stops is closed.
 */
export async function* merged(streams: readonly Stream[]): AsyncGenerator<readonly Hit[]> {
  const waiting = [...streams];
  let open: Open[] = [];
  let ready: Hit[] = [];
  const isLast = (): boolean => waiting.length === 0 && open.length <= 1;
  try {
    while (waiting.length > 0 || open.length > 0) {
      const next = waiting[0]?.start ?? Infinity;
      if (open.length === 0 || next <= headOf(first(open))) {
        const rest = waiting.shift()?.hits(isLast)[Symbol.asyncIterator]();
        if (rest) open.push({ rest, ahead: [] });
        open = await filled(open);
        continue;
      }
      const one = first(open);
      const bound = Math.min(next, ...open.map((other) => (other === one ? Infinity : headOf(other))));
      // At least one hit is taken. Hits of different logs with equal times may come in any order.
      const past = one.ahead.findIndex(({ at }, index) => index > 0 && at > bound);
      const taken = past < 0 ? one.ahead : one.ahead.slice(0, past);
      for (const hit of taken) ready.push(hit);
      one.ahead = past < 0 ? [] : one.ahead.slice(past);
      if (ready.length >= TOGETHER) {
        yield ready;
        ready = [];
      }
      open = await filled(open);
    }
    yield ready;
  } finally {
    for (const { rest } of open) await rest.return?.();
  }
}

/** Reads the next hits of each log that has none ahead. Returns the logs that have not ended. */
async function filled(open: readonly Open[]): Promise<Open[]> {
  const left: Open[] = [];
  for (const one of open) {
    let ended = false;
    while (one.ahead.length === 0 && !ended) {
      const next = await one.rest.next();
      ended = next.done === true;
      if (!next.done) one.ahead = next.value;
    }
    if (!ended) left.push(one);
  }
  return left;
}

function headOf(one: Open | undefined): Millis {
  return one?.ahead[0]?.at ?? Infinity;
}

/** The log with the earliest next hit. */
function first(open: readonly Open[]): Open {
  return open.reduce((one, other) => (headOf(other) < headOf(one) ? other : one));
}
