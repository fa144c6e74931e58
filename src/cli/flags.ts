// Flags that several commands share. The message of an error does not repeat the words of the command line: refusal.ts puts them before it.
import { UsageError } from '../errors.ts';
import { parseDuration } from '../lib/text/duration.ts';

/** Paths of the configuration, the ledger and the control socket, as given on the command line. */
export interface Places {
  readonly config?: string;
  readonly state?: string;
  readonly socket?: string;
}

/** Parses the name of a file. Throws UsageError for an empty name, which a shell passes for a quoted variable that is not set. */
export function path(words: string): string {
  if (words !== '') return words;
  throw new UsageError('not a file name, give one');
}

const place = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: path, brief, placeholder, optional: true }) as const;

/** `--config`, `--state` and `--socket`. */
export const places = {
  config: place('Configuration file (default: /etc/trapline/trapline.yaml if it exists)', 'file'),
  state: place('Ledger file (default: "state" of the configuration)', 'file'),
  socket: place('Control socket (default: "control.socket" of the configuration)', 'file'),
} as const;

/** `--json`. */
export const json = { kind: 'boolean', brief: 'Print JSON', default: false, withNegated: false } as const;

/** Parses a flag's span of time to milliseconds. Throws UsageError. */
export function duration(words: string): number {
  const millis = parseDuration(words);
  if (millis === undefined || millis === 0) {
    throw new UsageError('no span of time, write it like 90s, 10m, 2h or 7d');
  }
  return millis;
}

/** Parses a flag's moment: ISO 8601, or a span of time before now. Throws UsageError. */
export function moment(words: string): number {
  const ago = parseDuration(words);
  if (ago !== undefined && !/^\d+$/.test(words)) return Date.now() - ago;
  const at = isDate(words.slice(0, 10)) ? Date.parse(words) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new UsageError('no moment, write it like 2026-11-25, 2026-11-25T08:00:00Z or 7d (seven days ago)');
  }
  return at;
}

/** True for a day of the calendar. Date.parse takes 30 February for 2 March. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(text);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
