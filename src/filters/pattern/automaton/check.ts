// The entry point of this folder: checks that a pattern has to pass before it may run on lines that a client has partly written. Matching
// time is bounded by the theorems of Weber and Seidl, "On the degree of ambiguity of finite automata", 1991. A backtracking matcher tries
// every way through the pattern. If a text leads in two ways from a state back to that state, the number of ways grows exponentially with
// the length of the line (criterion EDA). Otherwise the number grows with a power of this length. The exponent is the number of loops
// that can share one stretch of text (criterion IDA).
import type { Piece } from '../syntax.ts';
import { Automaton } from './automaton.ts';
import { isAmbiguous, LARGEST_LOOP, leads, loopsOf } from './loops.ts';
import { isWrittenOut, sizeOf } from './size.ts';

export { findSecondReading, Side, type SecondReading, type Span } from './readings.ts';

/** The time that matching can take. */
export interface MatchingTime {
  /** The reason why the pattern may not run; absent when its time is polynomial. */
  readonly fault?: TimeFault;
  /**
   * The number of matching steps grows at most with this power of the line's length. The power is at least 1, and Infinity when it is not
   * known. The power may be higher than the true power, because bounded repetitions count as endless, and because a loop counts as if it
   * could read its characters in any order.
   */
  readonly degree: number;
}

/** A loop that can match one text in exponentially many ways, or that is too large to be checked. */
export interface TimeFault {
  /** Offset of a character of the loop, in the pattern's text. */
  readonly offset: number;
  readonly kind: 'exponential' | 'too large';
}

/** The largest pattern that is checked, in states. It limits the depth of the recursive search for loops. */
const MOST_STATES = 4000;

/**
 * Bounds the matching time. This check accepts no dangerous pattern, but may refuse a harmless pattern, because a bounded repetition with
 * a large maximum counts as endless.
 */
export function checkTime(pattern: Piece): MatchingTime {
  const fault = faultOf(pattern);
  if (fault) return { fault, degree: Infinity };
  const automaton = new Automaton(pattern, { copies: false });
  if (automaton.isTooLarge) return { fault: { offset: pattern.start, kind: 'too large' }, degree: Infinity };
  return { degree: degreeOf(automaton) };
}

function faultOf(pattern: Piece): TimeFault | undefined {
  if (sizeOf(pattern) > MOST_STATES) return { offset: pattern.start, kind: 'too large' };
  for (const repeat of endlessIn(pattern)) {
    const automaton = new Automaton(repeat, { copies: true });
    if (automaton.isTooLarge) return { offset: repeat.start, kind: 'too large' };
    for (const loop of loopsOf(automaton)) {
      const offset = Math.min(...loop.map((state) => automaton.offsetOf(state)));
      if (loop.length > LARGEST_LOOP) return { offset, kind: 'too large' };
      if (isAmbiguous(automaton, loop)) return { offset, kind: 'exponential' };
    }
  }
  return undefined;
}

/**
 * The outermost pieces with a loop. No loop extends beyond such a piece. A repeated single character is left out, because only one way
 * leads through it.
 */
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

function degreeOf(automaton: Automaton): number {
  const loops = loopsOf(automaton);
  if (loops.some((loop) => loop.length > LARGEST_LOOP || isAmbiguous(automaton, loop))) return Infinity;
  // For each loop, the length of the longest chain of loops that begins with it. In `loops`, a loop comes after all loops to which it leads.
  const chains: number[] = [];
  for (const [index, loop] of loops.entries()) {
    const behind = chains.filter((_, other) => leads(automaton, loop, loops[other] ?? []));
    chains[index] = 1 + Math.max(0, ...behind);
  }
  return Math.max(1, ...chains);
}
