// Flags that several commands share, worded once.
import { UsageError } from '../errors.ts';
import { parseDuration } from '../lib/duration.ts';
import { printable } from '../lib/printable.ts';

/** Where the configuration and the daemon are. */
export interface Places {
  readonly config?: string;
  readonly state?: string;
  readonly socket?: string;
}

/** The name of a file as it is typed. Throws UsageError for none at all, as of a variable of the shell that is not set. */
export function path(words: string): string {
  if (words !== '') return words;
  throw new UsageError('"" is no name of a file, name one');
}

const place = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: path, brief, placeholder, optional: true }) as const;

/** `--config`, `--state` and `--socket`. */
export const places = {
  config: place('Configuration file (default: /etc/trapline/trapline.yaml if it exists)', 'file'),
  state: place('Ledger file (default: what the configuration says)', 'file'),
  socket: place('Control socket (default: what the configuration says)', 'path'),
} as const;

/** `--json`. */
export const json = { kind: 'boolean', brief: 'Print JSON', default: false, withNegated: false } as const;

/** A span of time as a flag's value, in milliseconds. Throws UsageError. */
export function duration(words: string): number {
  const millis = parseDuration(words);
  if (millis === undefined || millis === 0) {
    throw new UsageError(`"${printable(words)}" is no span of time, write it like 90s, 10m, 2h or 7d`);
  }
  return millis;
}

/** A moment as a flag's value: ISO 8601, or a span of time before now. Throws UsageError. */
export function moment(words: string): number {
  const ago = parseDuration(words);
  if (ago !== undefined && !/^\d+$/.test(words)) return Date.now() - ago;
  const at = /^\d{4}-\d{2}-\d{2}/.test(words) ? Date.parse(words) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new UsageError(
      `"${printable(words)}" is no moment, write it like 2026-11-25, 2026-11-25T08:00:00Z or 7d (seven days ago)`,
    );
  }
  return at;
}
