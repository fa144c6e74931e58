// Takes off the texts that `docker logs -t` and `docker compose logs` put before a line: a date, and the name of a container.
import { parseTimestamp } from '../../lib/text/timestamp.ts';
import type { Unwrapped } from '../../words/walk.ts';
import { INSTANT, instantOf, writtenAt } from './instant.ts';

/** `postfix_1  | ` (Compose 1) and `postfix-1  | ` (Compose 2), plain or with the colours of a terminal (SGR of ECMA-48). */
const COLOUR = '\\x1b\\[[0-9;]{0,16}m';
const NAME = new RegExp(`^(?:${COLOUR})?[A-Za-z0-9][A-Za-z0-9_.-]{0,127} {1,64}\\|(?:${COLOUR})? (?:${COLOUR})?`);

/** The date of `docker logs -t`. */
const STAMP = new RegExp(`^(?<date>${INSTANT}) `);

/** The text behind the name of a container; undefined for a line without one. `text`: the line, or at least its first 200 characters. */
export function withoutName(text: string): string | undefined {
  // Most lines have no bar, and looking for one is faster than the regular expression.
  const name = text.includes('|') ? NAME.exec(text)?.[0] : undefined;
  return name === undefined ? undefined : text.slice(name.length);
}

/**
 * The line behind the date of `docker logs -t`; undefined for a line without this date. The line must begin with a date of its own, with
 * `<PRI>` or with a JSON object. Otherwise syslogd may have written the first date.
 */
export function openStamped(text: string): Unwrapped | undefined {
  const found = text[10] === 'T' ? STAMP.exec(text) : null;
  const at = instantOf(found?.groups?.['date'] ?? '');
  if (!found || at === undefined) return undefined;
  const line = text.slice(found[0].length);
  return /^(?:\{|<[0-9]{1,3}>)/.test(line) || parseTimestamp(line, at) ? writtenAt(line, at) : undefined;
}
