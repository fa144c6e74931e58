// Finds loops that a backtracking matcher can go through in exponentially many ways, on the Glushkov automaton of a pattern.
// Such a loop has a state from which two different paths lead back to it over the same word (Weber and Seidl, "On the degree of ambiguity of
// finite automata", 1991, criterion EDA); the search for it runs over pairs of states.
import type { Piece } from '../syntax.ts';
import { Automaton, isWrittenOut, LARGEST_LOOP, sizeOf } from './automaton.ts';

/** Where to look in the pattern, or `too large` for loops beyond what is searched. */
export interface Ambiguity {
  /** Offset of a character of the loop, in the pattern's text. */
  readonly offset: number;
  readonly kind: 'exponential' | 'too large';
}

/** States in all; the search for loops recurses that deep. */
const MOST_STATES = 4000;

/**
 * Returns the first loop that can match one text in exponentially many ways, or undefined when there is none: then matching time is
 * polynomial in the line's length. It errs only by refusing: a bounded repetition with a large maximum counts as endless.
 */
export function findAmbiguity(pattern: Piece): Ambiguity | undefined {
  if (sizeOf(pattern) > MOST_STATES) return { offset: pattern.start, kind: 'too large' };
  for (const repeat of endlessIn(pattern)) {
    const automaton = new Automaton(repeat, { copies: true });
    for (const loop of automaton.loops()) {
      const offset = Math.min(...loop.map((state) => automaton.offsetOf(state)));
      if (loop.length > LARGEST_LOOP) return { offset, kind: 'too large' };
      if (automaton.isAmbiguous(loop)) return { offset, kind: 'exponential' };
    }
  }
  return undefined;
}

/** The outermost pieces with a loop: no loop goes beyond them. The one of a single character has only one way through it. */
function endlessIn(piece: Piece): readonly Piece[] {
  switch (piece.kind) {
    case 'edge':
    case 'one':
      return [];
    case 'row':
    case 'choice':
      return piece.pieces.flatMap(endlessIn);
    case 'capture':
      return endlessIn(piece.piece);
    case 'repeat':
      if (piece.max === 0 || piece.piece.kind === 'one') return [];
      return isWrittenOut(piece.piece, piece.max) ? endlessIn(piece.piece) : [piece];
  }
}
