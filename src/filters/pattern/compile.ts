// The entry point of this folder: compiles a pattern of a filter to a regular expression that is safe to run on lines that an attacker has
// partly written.
import { checkTime } from './automaton/check.ts';
import { expand } from './blocks.ts';
import { findForgery, shapeOf, type Shape } from './forgery.ts';
import { refusal, type Refused } from './refusal.ts';
import { literalsOf, SHORTEST } from './literals.ts';
import { holdsAddress, placesOf, type Places } from './stretches.ts';
import { parsePattern, type Fault, type Piece } from './syntax.ts';

export { isBlock, latin1 } from './blocks.ts';
export { findContradiction } from './forgery.ts';
export { chooseLiterals } from './literals.ts';
export type { Places, Span } from './stretches.ts';
export type { Fault } from './syntax.ts';

/** A pattern ready to run. */
export interface Pattern {
  /** Runs on a line decoded as latin1. Every match has the group `address`. */
  readonly regexp: RegExp;
  /** The matching time grows at most with this power of the line's length, see checkTime. A `<prefix>` is not counted: it takes linear time. */
  readonly degree: number;
  /**
   * The longest line that is matched, in characters. A longer line is not matched, because it may have been cut. Infinity when the proof does
   * not need the end of the line.
   */
  readonly longest: number;
  /** The program of the `<prefix>` at the start; undefined for a pattern that does not begin with a prefix. */
  readonly program: string | undefined;
}

/** A pattern that has just been compiled, with the data for proofs and for the search. */
export interface Compiled extends Pattern {
  /** Fixed texts that each match contains, as latin1. */
  readonly literals: readonly string[];
  /** The texts of the filter's settings that the pattern contains, as latin1. */
  readonly words: readonly string[];
  /** The data for proofs about several patterns. */
  readonly shape: Shape;
  /**
   * Returns the places of the address and of all text that a client can write, in a latin1 line. Undefined: the pattern does not match the
   * line.
   */
  readonly placesIn: (line: string) => Places | undefined;
}

/**
 * The longest line, in characters, for a pattern with a variable piece before the address. Such a pattern is safe because it reads the end
 * of the line, but a client could choose the end of a line that is cut. RFC 3164 section 4.1 lets a syslogd cut a record at 1024 bytes. A few
 * of these bytes stand before the line.
 */
const LONGEST_WHOLE = 1000;

/**
 * Compiles a pattern: expands its building blocks, and sets flag s. Throws the error of `fault` in each of these cases:
 *
 * - The pattern is not anchored at the start of the line.
 * - A way through the pattern has no client address.
 * - The pattern can backtrack exponentially, or is too large to be checked.
 * - The pattern has no fixed text to search for.
 * - A client can write a line in which the pattern finds another address.
 *
 * `lines` (latin1) are examples for the pattern. The error may propose another pattern, which matches each of these lines that the refused
 * pattern matches. `names`: the names by which Postfix may mark its lines, see smtpdStart; `postfix*` by default.
 */
export function compilePattern(
  written: string,
  settings: Readonly<Record<string, string>>,
  fault: Fault,
  lines: readonly string[] = [],
  names?: readonly string[],
): Compiled {
  const read = analyse(written, settings, fault, names);
  const forgery = findForgery(read.shape);
  if (forgery) {
    const matched = lines.filter((line) => read.regexp.test(line));
    const passes = (candidate: string): boolean => {
      try {
        const other = analyse(candidate, settings, fault, names);
        return findForgery(other.shape) === undefined && matched.every((line) => other.regexp.test(line));
      } catch {
        return false; // The candidate is no valid pattern, or is refused for another reason.
      }
    };
    throw refusal(read, forgery, passes, fault);
  }
  const { expanded, shape, degree, literals, regexp } = read;
  const longest = shape.stretches.some(({ beforeAddress }) => beforeAddress) ? LONGEST_WHOLE : Infinity;
  return {
    regexp,
    degree,
    longest,
    program: shape.program,
    literals,
    words: expanded.words,
    shape,
    placesIn: (line) => placesOf(expanded, shape.stretches)(line),
  };
}

/** A pattern that has passed all checks except the check for forged lines. */
interface Analysed extends Refused {
  readonly degree: number;
  readonly literals: readonly string[];
}

function analyse(
  written: string,
  settings: Readonly<Record<string, string>>,
  fault: Fault,
  names: readonly string[] | undefined,
): Analysed {
  // oxlint-disable-next-line no-control-regex
  const foreign = /[^\0-\x7f]/.exec(written);
  if (foreign) {
    throw fault(
      `"${foreign[0]}" is more than one byte, put such text in the filter's settings or write its bytes as \\xNN`,
      foreign.index,
    );
  }
  const expanded = expand(written, settings, fault, names);
  const faultThere: Fault = (text, offset) => fault(text, expanded.offsetOf(offset));
  const pattern = parsePattern(expanded.outline, faultThere);
  const loose = unanchored(pattern);
  if (loose) {
    const quoted = written.slice(expanded.offsetOf(loose.start), expanded.offsetOf(loose.end));
    throw faultThere(
      `"${quoted}" is not anchored at the start of the line, begin with "^<prefix>"; a client could write the rest in the middle of a line`,
      loose.start,
    );
  }
  const address = addressOf(pattern, faultThere);
  const time = checkTime(pattern);
  if (time.fault) {
    const why = time.fault.kind === 'exponential' ? 'can match one text in exponentially many ways' : 'is too large to be checked';
    throw faultThere(
      `the repetition here ${why}, begin or end the repeated part with a character that is nowhere else in it; one line could stop the filter`,
      time.fault.offset,
    );
  }
  const literals = literalsOf(pattern);
  if (literals.length === 0) {
    throw fault(`"${written}" has no fixed text of ${SHORTEST} characters or more, add some; every line would have to be tried`, 0);
  }
  const shape = shapeOf(pattern, address, expanded);
  return { written, expanded, address, shape, regexp: new RegExp(expanded.text, 's'), degree: time.degree, literals };
}

/** The first alternative that does not begin with `^`. */
function unanchored(pattern: Piece): Piece | undefined {
  const rows = pattern.kind === 'choice' ? pattern.pieces : [pattern];
  return rows.find((row) => {
    const first = row.kind === 'row' ? row.pieces[0] : row;
    return first?.kind !== 'edge' || first.edge !== 'start';
  });
}

/** Returns the group of the address. Throws a fault when a match can avoid the group or repeat it. */
function addressOf(pattern: Piece, fault: Fault): Piece {
  let here = pattern;
  while (here.kind !== 'capture' || here.name !== 'address') {
    const next = stepTo(here);
    if (next === undefined) {
      const advice = holdsAddress(here)
        ? 'move it out of the choice, option or repetition around it'
        : 'add "<client>" or "<address>", once';
      throw fault(`no client address on every way through the pattern, ${advice}`, here.start);
    }
    here = next;
  }
  return here;
}

/** Returns the part that holds the address, if every match goes through it exactly once. */
function stepTo(piece: Piece): Piece | undefined {
  if (piece.kind === 'capture') return piece.piece;
  if (piece.kind === 'repeat' && piece.min === 1 && piece.max === 1) return piece.piece;
  return piece.kind === 'row' ? piece.pieces.find(holdsAddress) : undefined;
}
