// Finds the near misses among the lines that no rule took: lines that hold the words of a trap, or nearly, where Postfix writes the text of a
// table. A reason is given only after a proof: the line is changed as the reason suggests, and then a rule must take it.
import { printable } from '../../../lib/text/printable.ts';
import type { NearMiss } from '../../../words/walk.ts';
import type { Found } from '../../hit.ts';
import { ANY_START, smtpdNameOf, smtpdStart, usualForm } from '../../linestart/linestart.ts';
import type { Filter } from '../../file/load.ts';
import type { Line } from '../../search/lines.ts';
import { latin1 } from '../../pattern/compile.ts';
import { readMessage, type TableMessage } from './message.ts';
import { envelopeOf, messageBehind } from './prefix.ts';
import { BARE_DISCARD, isNear, SHIPPED } from './words.ts';

export { MissCounts, type MissCount } from './counts.ts';

/**
 * The literals that a log is searched for besides those of the filters: the start of every discard, and the texts of the shipped filters. They
 * hold no gram that is in many lines, and none is shorter than 12 bytes, so that the search stays fast (docs/decisions/0010-scan.md).
 */
export const NEAR_LITERALS: readonly string[] = [
  ...['RCPT', 'DATA', 'BDAT', 'END-OF-MESSAGE', 'MAIL', 'HELO', 'EHLO', 'CONNECT', 'VRFY'].map((stage) => `iscard: ${stage}`),
  'ed: spamtrap',
  ' triggers spamtrap',
  ' triggers REDIRECT spamtrap',
];

/** The most characters of a line, and of the text of a table, that are shown. */
const SHOWN = 300;
const SHOWN_TEXT = 80;

/** A reason, and the line that a rule must take if the reason is right. Without `proof`, no rule takes lines of this action. */
interface Guess {
  readonly kind: string;
  readonly reason: string;
  readonly proof?: Line;
}

/** The function of the matcher that finds the proofs. */
interface NearMissDoors {
  /** Runs the rules on lines, and returns for each line the rules that match and count. */
  readonly run: (lines: readonly Line[]) => readonly (readonly Found[])[];
}

/** Finds near misses for the filters of some jails. */
export class NearMisses {
  readonly #run: NearMissDoors['run'];
  readonly #names: readonly string[];
  /** The start of a line of this Postfix. It is made when it is needed, because most logs have no near miss. */
  #own: RegExp | undefined;
  /** The start of a line that every filter knows. */
  readonly #known: string;
  /** The texts that the filters look for, each with its jails. */
  readonly #texts: ReadonlyMap<string, readonly number[]>;
  /** Whether any rule takes a line of an action, see `#takes`. */
  readonly #taken = new Map<string, boolean>();

  constructor(jails: readonly { readonly filter: Filter }[], { run }: NearMissDoors) {
    this.#run = run;
    this.#names = [...new Set(jails.flatMap(({ filter }) => filter.names))];
    this.#known = `Jan  1 00:00:00 mx ${latin1((this.#names[0] ?? '').replace('*', '')) || 'postfix'}/smtpd[1]: `;
    const texts = new Map<string, number[]>();
    for (const [index, { filter }] of jails.entries()) {
      const { text } = filter.settings;
      if (text !== undefined) texts.set(latin1(text), [...(texts.get(latin1(text)) ?? []), index]);
    }
    this.#texts = texts;
  }

  /** The near misses among lines that no rule took, in order. `jails`: the jails that look at the lines. */
  of(lines: readonly Line[], jails: readonly number[]): readonly NearMiss[] {
    const guesses = lines.map((line) => this.#guesses(line, jails));
    const proofs = this.#run(guesses.flat().flatMap(({ proof }) => proof ?? [])).values();
    return guesses.flatMap((all, index) => {
      const isRight = all.map(({ proof }) => proof === undefined || (proofs.next().value ?? []).length > 0);
      const right = all.find((_, place) => isRight[place]);
      return right ? [{ kind: right.kind, reason: right.reason, line: shown(lines[index]?.written ?? '', SHOWN) }] : [];
    });
  }

  #guesses(line: Line, jails: readonly number[]): readonly Guess[] {
    this.#own ??= new RegExp(`^${smtpdStart(this.#names, 'checked')}`);
    const start = this.#own.exec(line.text)?.[0];
    if (start !== undefined) {
      const message = readMessage(line.text.slice(start.length));
      return message ? this.#ofTable(start, message, jails) : [];
    }
    const unknown = smtpdNameOf(line.text);
    // A name that rsyslog cut at the slash may be the name of any program, whose message may begin with text of its clients.
    if (unknown !== undefined && line.text.includes('/smtpd')) {
      const message = line.text.slice(ANY_START.exec(line.text)?.[0].length ?? 0);
      const reason = 'the name before "/smtpd" is no name of this Postfix, see "syslog_names"';
      return this.#behind(message, jails, 'name', reason);
    }
    // The message of another program may be text of its clients.
    if (ANY_START.test(usualForm(line.text)) && !isNameless(line.text)) return [];
    const message = messageBehind(line.written);
    if (message === undefined) return [];
    const envelope = envelopeOf(line.written);
    return envelope === undefined
      ? this.#behind(message, jails, 'prefix', 'the log prefix before the message is unknown')
      : this.#behind(
          message,
          jails,
          `envelope ${envelope}`,
          `the line is in an envelope, set "envelope: ${envelope}" for its source`,
        );
  }

  /** The guess that a rule takes a message behind another start of the line. */
  #behind(message: string, jails: readonly number[], kind: string, reason: string): readonly Guess[] {
    return readMessage(message) ? [{ kind, reason, proof: lineOf(this.#known + message, jails) }] : [];
  }

  /** The guesses for a line of this Postfix: its table has another text or another action. */
  #ofTable(start: string, message: TableMessage, jails: readonly number[]): readonly Guess[] {
    const { action, text, before, behind, hasLogin } = message;
    const guesses = [...this.#texts].flatMap(([wanted, all]): readonly Guess[] => {
      const looking = all.filter((jail) => jails.includes(jail));
      const isBare = action === 'discard' && text === BARE_DISCARD;
      if (looking.length === 0 || text === wanted || !(isBare || isNear(text, wanted))) return [];
      const end = `the filter looks for "${shown(wanted, SHOWN_TEXT)}"`;
      const reason = isBare ? `the table has DISCARD without a text, ${end}` : `the table has "${shown(text, SHOWN_TEXT)}", ${end}`;
      return [{ kind: `${isBare ? 'bare' : 'text'} ${wanted}`, reason, proof: lineOf(start + before + wanted + behind, looking) }];
    });
    if (hasLogin) return guesses;
    const shipped = SHIPPED.find((one) => one.action === action && one.begins.test(text));
    if (shipped && !this.#takes(action)) {
      const reason = `${shipped.what}: the filter ${shipped.filter} would take it`;
      return [...guesses, { kind: `filter ${shipped.filter}`, reason }];
    }
    const isKept = ['hold', 'filter', 'warn', 'info', 'bcc', 'prepend'].includes(action);
    if (isKept && [...this.#texts.keys(), 'triggers spamtrap', 'spamtrap'].includes(text)) {
      return [{ kind: `action ${action}`, reason: `the action of the table is ${action.toUpperCase()}, no filter takes it` }];
    }
    return guesses;
  }

  /** True when a rule takes lines of this action. Then the rules leave the line out on purpose: a rule is off, or a jail names other sources. */
  #takes(action: string): boolean {
    const known = this.#taken.get(action);
    if (known !== undefined) return known;
    const rejected = action === 'reject' ? ['554 5.7.1 ', 'rejected: '] : ['', ''];
    const lines = [...this.#texts].map(([text, jails]) => {
      const [reply, word] = rejected;
      const message = `NOQUEUE: ${action}: RCPT from x[192.0.2.1]: ${reply}<x@x>: Recipient address ${word}${text}`;
      return lineOf(`${this.#known}${message}; from=<x@x> to=<x@x> proto=SMTP helo=<x>`, jails);
    });
    const takes = this.#run(lines).some((found) => found.length > 0);
    this.#taken.set(action, takes);
    return takes;
  }
}

/** True for a line with a date and a host, in which the message stands where the name of the program belongs. */
function isNameless(text: string): boolean {
  const start = ANY_START.exec(text)?.[0] ?? '';
  return /[ \t](?:NOQUEUE|[0-9A-Z]{8,15}): $/.test(start);
}

function lineOf(text: string, jails: readonly number[]): Line {
  return { text, written: text, times: 1, jails, behind: { repeats: [], open: false } };
}

/** A text in latin1, decoded, cut and escaped. */
function shown(text: string, limit: number): string {
  return printable(Buffer.from(text, 'latin1').toString('utf8'), limit);
}
