// How the time that matching may take grows with the length of a line, at most: for lines that are too short to need a time limit.
// The number of ways through a pattern grows with as many powers of the length as loops can share one stretch of text (Weber and Seidl, "On
// the degree of ambiguity of finite automata", 1991, criterion IDA).
import type { Piece } from '../syntax.ts';
import { Automaton, LARGEST_LOOP } from './automaton.ts';

/**
 * The power of the length that the steps of a backtracking matcher grow with at most, at least 1; Infinity when that is not known. It errs by
 * being too large: bounded repetitions count as endless, and loops by all characters that are in them.
 */
export function degreeOf(pattern: Piece): number {
  const automaton = new Automaton(pattern, { copies: false });
  const loops = automaton.loops();
  if (loops.some((loop) => loop.length > LARGEST_LOOP || automaton.isAmbiguous(loop))) return Infinity;
  // The longest row of loops that begins with each; what a loop leads to is before it.
  const rows: number[] = [];
  for (const [index, loop] of loops.entries()) {
    const behind = rows.filter((_, other) => automaton.leads(loop, loops[other] ?? []));
    rows[index] = 1 + Math.max(0, ...behind);
  }
  return Math.max(1, ...rows);
}

/** The most steps that a pattern of this degree takes for a line of so many characters: as many ways as there are to part the line. */
export function stepsOf(degree: number, length: number): number {
  if (degree === Infinity) return Infinity;
  let steps = 1;
  for (let part = 1; part <= degree; part += 1) steps *= length / part;
  return steps;
}
