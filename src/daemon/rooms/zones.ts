// Finds the programs that write a followed log in another time zone than that of Trapline, and reports them.
import { formatDuration } from '../../lib/text/duration.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Status } from '../../words/desk.ts';
import type { Log, Millis } from '../../words/ports.ts';
import type { Hit } from '../../words/walk.ts';

/** A program is reported when its hits were wrong by one offset in this number of reads. A read with another offset begins the count anew. */
const AGAIN = 3;

/** The maximum numbers of programs of a source that are remembered, and of notices: a syslogd that takes lines from the network takes any host. */
const MOST_WRITERS = 100;
const MOST_NOTICES = 100;

/** The maximum number of programs that the text of a state names. */
const MOST_NAMED = 3;

/** The offset of a program, and the number of reads that had it. */
interface Seen {
  readonly ahead: Millis;
  readonly reads: number;
}

/** The programs of other time zones. */
export class Zones {
  readonly #log: Log;
  /** The programs whose last hit was dated in another zone, by source and by name. */
  readonly #seen = new Map<string, Map<string, Seen>>();
  readonly #reported = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Notes the zones in the hits of one read of a source. Logs one notice for each program and offset. */
  note(source: string, hits: readonly Hit[]): void {
    const found = new Map<string, Millis>();
    for (const { zone, undated } of hits) if (zone && undated === undefined) found.set(zone.writer, zone.ahead);
    if (found.size === 0) return;
    const seen = this.#seen.get(source) ?? new Map<string, Seen>();
    this.#seen.set(source, seen);
    for (const [writer, ahead] of found) {
      const before = seen.get(writer);
      if (ahead === 0) seen.delete(writer);
      if (ahead === 0 || (!before && seen.size >= MOST_WRITERS)) continue;
      const reads = before?.ahead === ahead ? before.reads + 1 : 1;
      seen.set(writer, { ahead, reads });
      if (reads === AGAIN) this.#report(source, writer, ahead);
    }
  }

  /** The programs of other time zones in a source, for `status`. */
  of(source: string): Pick<Status['sources'][number], 'zones'> {
    const sure = [...(this.#seen.get(source) ?? [])].filter(([, { reads }]) => reads >= AGAIN);
    return sure.length === 0 ? {} : { zones: sure.map(([writer, { ahead }]) => ({ writer, offset: offsetOf(ahead) })) };
  }

  #report(source: string, writer: string, ahead: Millis): void {
    const key = `${source} ${writer} ${ahead}`;
    if (this.#reported.has(key) || this.#reported.size >= MOST_NOTICES) return;
    this.#reported.add(key);
    this.#log.notice(
      `${source}: "${printable(writer)}" dates its new lines ${distanceOf(ahead)} the clock, so its time zone is not that of Trapline; ` +
        'Trapline corrects the time of its new lines, but lines that Trapline reads later keep their dates; ' +
        'give the program the time zone of Trapline (TZ, /etc/localtime), or let syslogd write dates with an offset from UTC',
    );
  }
}

/** The zones as the end of the text of a state. Empty when there are none. `zones`: see Status. */
export function zoneText(zones: Status['sources'][number]['zones'] = []): string {
  const named = zones.slice(0, MOST_NAMED).map(({ writer, offset }) => `"${printable(writer)}" by ${offset}`);
  const more = zones.length - named.length;
  if (named.length === 0) return '';
  return `; dates in another time zone: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** `2h behind`, `45m ahead of`. */
function distanceOf(ahead: Millis): string {
  return `${formatDuration(Math.abs(ahead))} ${ahead < 0 ? 'behind' : 'ahead of'}`;
}

/** `-02:00`, `+05:45`. */
function offsetOf(ahead: Millis): string {
  const minutes = Math.abs(ahead) / 60_000;
  return `${ahead < 0 ? '-' : '+'}${twoDigits(minutes / 60)}:${twoDigits(minutes % 60)}`;
}

function twoDigits(number: number): string {
  return String(Math.floor(number)).padStart(2, '0');
}
