// Reports the names of smtpd programs whose lines are no hits, because these names do not belong to this Postfix. The operator can then add a
// missing name to `syslog_names`.
import { printable } from '../../lib/text/printable.ts';
import type { Log } from '../../words/ports.ts';
import { smtpdNameOf, smtpdStart } from '../linestart/linestart.ts';

/** The maximum number of names that are reported. Without this limit, a local user could fill the log with invented names. */
const MOST_NAMES = 10;

/** The names of unknown smtpd programs. Each name is logged once. */
export class Strangers {
  readonly #log: Log;
  readonly #own: RegExp;
  readonly #reported = new Set<string>();
  /** The last name of this Postfix. Nearly every line has this name, and a comparison takes a tenth of the time of the regular expression. */
  #last = '';

  /** `names`: the names by which Postfix may mark its lines, see smtpdStart. */
  constructor(names: readonly string[], log: Log) {
    this.#own = new RegExp(`^${smtpdStart(names, 'checked')}`);
    this.#log = log;
  }

  /** Looks at a line that holds a literal of the filters and that no rule has matched. */
  look(line: string): void {
    if (this.#reported.size >= MOST_NAMES) return;
    const slash = line.indexOf('/smtpd');
    const first = slash < 0 ? '' : line.slice(line.lastIndexOf(' ', slash) + 1, slash);
    if (first !== '' && first === this.#last) return;
    if (this.#own.test(line)) {
      this.#last = first;
      return;
    }
    const name = smtpdNameOf(line);
    if (name === undefined || this.#reported.has(name)) return;
    this.#reported.add(name);
    const shown = printable(name);
    this.#log.notice(
      `filters: no line of "${shown}/smtpd" is a hit, "${shown}" is no name of this Postfix; if it is one of yours, add it to "syslog_names"`,
    );
  }
}
