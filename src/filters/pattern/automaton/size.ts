// The number of states of a pattern's automaton, which is known before the automaton is built.
import type { Piece } from '../syntax.ts';

/**
 * A repetition of up to this number of characters is written out as copies. A longer repetition counts as endless, so that more patterns may
 * be refused, but no dangerous pattern is accepted.
 */
const WRITTEN_OUT = 64;

/**
 * True for a repetition that is written out. It has few characters and, if it repeats more than three times, no endless part. Copies would
 * hide the cost of an endless part: `(?:.*a){20}` is as slow as `(?:.*a)*`.
 */
export function isWrittenOut(body: Piece, max: number): boolean {
  return max === 1 || (sizeOf(body) * max <= WRITTEN_OUT && !(max > 3 && hasLoop(body)));
}

/** The number of states of a piece's automaton with copies. */
export function sizeOf(piece: Piece): number {
  switch (piece.kind) {
    case 'edge':
      return 0;
    case 'one':
      return 1;
    case 'capture':
      return sizeOf(piece.piece);
    case 'row':
    case 'choice':
      return piece.pieces.reduce((total, one) => total + sizeOf(one), 0);
    case 'repeat':
      return sizeOf(piece.piece) * (isWrittenOut(piece.piece, piece.max) ? Math.max(1, piece.max) : 1);
  }
}

function hasLoop(piece: Piece): boolean {
  if (piece.kind === 'repeat') return !isWrittenOut(piece.piece, piece.max) || hasLoop(piece.piece);
  if (piece.kind === 'row' || piece.kind === 'choice') return piece.pieces.some(hasLoop);
  return piece.kind === 'capture' && hasLoop(piece.piece);
}
