// From a pattern as written in a filter to a regular expression that is safe to run on lines that an attacker has half written.
import { findAmbiguity } from './automaton/ambiguity.ts';
import { degreeOf } from './automaton/degree.ts';
import { expand, type Expanded } from './blocks.ts';
import { literalsOf, SHORTEST } from './literals.ts';
import { ALL, charactersOf, parsePattern, type Fault, type Piece } from './syntax.ts';

/** A pattern ready to run. */
export interface Pattern {
  /** Runs on a line decoded as latin1; the group `address` is always there. */
  readonly regexp: RegExp;
  /** How matching time grows with the line, see degreeOf; of what stands behind a `<prefix>`, which is linear. */
  readonly degree: number;
  /** Fixed texts that each match contains, as latin1. */
  readonly literals: readonly string[];
  /** Those texts of the filter's settings that it is written with, as latin1. */
  readonly words: readonly string[];
}

/**
 * Compiles a pattern: building blocks written out, flag s. Throws what `fault` words, for a pattern that is not anchored at the line's
 * start, that has no client address on every way through it, that lets unbounded free text stand before the address, that can backtrack
 * exponentially, or that has no fixed text to search for.
 */
export function compilePattern(written: string, settings: Readonly<Record<string, string>>, fault: Fault): Pattern {
  // oxlint-disable-next-line no-control-regex
  const foreign = /[^\0-\x7f]/.exec(written);
  if (foreign) {
    throw fault(
      `"${foreign[0]}" is more than one byte, put such text in the filter's settings or write its bytes as \\xNN`,
      foreign.index,
    );
  }
  const expanded = expand(written, settings, fault);
  const faultThere: Fault = (text, offset) => fault(text, expanded.offsetOf(offset));
  const pattern = parsePattern(expanded.outline, faultThere);
  const quote = (piece: Piece): string => written.slice(expanded.offsetOf(piece.start), expanded.offsetOf(piece.end));

  const loose = unanchored(pattern);
  if (loose) {
    throw faultThere(
      `"${quote(loose)}" is not anchored at the start of the line, begin with "^<prefix>"; a client could write the rest in the middle of a line`,
      loose.start,
    );
  }
  requireAddress(pattern, expanded, quote, faultThere);
  const ambiguity = findAmbiguity(pattern);
  if (ambiguity) {
    const why = ambiguity.kind === 'exponential' ? 'can match one text in exponentially many ways' : 'is too large to be checked';
    throw faultThere(
      `the repetition here ${why}, let what is repeated begin or end with a character of its own; one line could stop the filter`,
      ambiguity.offset,
    );
  }
  const literals = literalsOf(pattern);
  if (literals.length === 0) {
    throw fault(`"${written}" has no fixed text of ${SHORTEST} characters or more, add some; every line would have to be tried`, 0);
  }
  return { regexp: new RegExp(expanded.text, 's'), degree: degreeOf(pattern), literals, words: expanded.words };
}

/** The first alternative that does not begin with `^`. */
function unanchored(pattern: Piece): Piece | undefined {
  const rows = pattern.kind === 'choice' ? pattern.pieces : [pattern];
  return rows.find((row) => {
    const first = row.kind === 'row' ? row.pieces[0] : row;
    return first?.kind !== 'edge' || first.edge !== 'start';
  });
}

/** Free text of so few characters holds no address and what stands around it. */
const HARMLESS = 8;

const BRACKET = charactersOf('[');
const BLANK = charactersOf(' ');
const LETTERS = charactersOf('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789');

/** True for a set that `name[address]`, or words with blanks between them, can be written with. */
function isFree(set: bigint): boolean {
  return set === ALL || ((set & LETTERS) !== 0n && ((set & BRACKET) !== 0n || (set & BLANK) !== 0n));
}

/** Walks to the address, on the one way that leads there, and measures what stands before it. */
function requireAddress(pattern: Piece, expanded: Expanded, quote: (piece: Piece) => string, fault: Fault): void {
  let free = 0;
  let here = pattern;
  while (here.kind !== 'capture' || here.name !== 'address') {
    const next = stepTo(here);
    if (next === undefined) {
      throw fault('no client address on every way through the pattern, add "<client>", once and not repeated', here.start);
    }
    for (const piece of next.before) {
      free += freeCharacters(piece, expanded);
      if (free > HARMLESS) {
        throw fault(
          `unbounded piece "${quote(piece)}" before the client address, use building blocks or a class without blanks and brackets; ` +
            'a client could write another address into it',
          piece.start,
        );
      }
    }
    here = next.into;
  }
}

/** The part that holds the address, when it must be passed and is passed once, and the parts before it. */
function stepTo(piece: Piece): { into: Piece; before: readonly Piece[] } | undefined {
  if (piece.kind === 'capture') return { into: piece.piece, before: [] };
  if (piece.kind === 'repeat' && piece.min === 1 && piece.max === 1) return { into: piece.piece, before: [] };
  if (piece.kind !== 'row') return undefined;
  const place = piece.pieces.findIndex(holdsAddress);
  const into = piece.pieces[place];
  return into && { into, before: piece.pieces.slice(0, place) };
}

function holdsAddress(piece: Piece): boolean {
  if (piece.kind === 'capture') return piece.name === 'address' || holdsAddress(piece.piece);
  if (piece.kind === 'repeat') return holdsAddress(piece.piece);
  return (piece.kind === 'row' || piece.kind === 'choice') && piece.pieces.some(holdsAddress);
}

function freeCharacters(piece: Piece, expanded: Expanded): number {
  if (expanded.isTrusted(piece.start)) return 0;
  switch (piece.kind) {
    case 'edge':
      return 0;
    case 'one':
      return isFree(piece.of) ? 1 : 0;
    case 'capture':
      return freeCharacters(piece.piece, expanded);
    case 'row':
      return piece.pieces.reduce((total, one) => total + freeCharacters(one, expanded), 0);
    case 'choice':
      return Math.max(...piece.pieces.map((one) => freeCharacters(one, expanded)));
    case 'repeat': {
      const once = freeCharacters(piece.piece, expanded);
      return once === 0 ? 0 : once * piece.max;
    }
  }
}
