// The program's own log: one line for each event, with the priority prefix that journald reads (sd-daemon(3)).
import { printable } from './printable.ts';

/** The levels of the log, from the most detailed to the most serious. */
export const LEVELS = ['debug', 'info', 'notice', 'warn', 'error'] as const;
/** A level of the log. */
export type Level = (typeof LEVELS)[number];

/** The priority of syslog(3) for each level. */
const PRIORITY: Record<Level, number> = { debug: 7, info: 6, notice: 5, warn: 4, error: 3 };

/** The longest line (characters); a longer line is cut. */
const LONGEST = 2000;

/** One function per level; each call writes one line. */
export type Logger = Record<Level, (text: string) => void>;

/**
 * Makes a logger that passes each line at or above `level` to `write`, without a newline. With `prefixed`, each line begins with `<N>`, for
 * journald. Newlines and control characters in a text are escaped.
 */
export function createLog(level: Level, prefixed: boolean, write: (line: string) => void): Logger {
  const threshold = LEVELS.indexOf(level);
  const line = (at: Level) => (text: string) => {
    if (LEVELS.indexOf(at) < threshold) return;
    write(`${prefixed ? `<${PRIORITY[at]}>` : ''}${printable(text, LONGEST)}`);
  };
  return { debug: line('debug'), info: line('info'), notice: line('notice'), warn: line('warn'), error: line('error') };
}
