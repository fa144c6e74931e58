import { describe, expect, it } from 'vitest';
import { Automaton } from '../../../../src/filters/pattern/automaton/automaton.ts';
import { isAmbiguous, leads, loopsOf } from '../../../../src/filters/pattern/automaton/loops.ts';
import { parsed } from '../../../support/filters/patterns.ts';

const automatonOf = (pattern: string): Automaton => new Automaton(parsed(pattern), { copies: false });

/** The loops of a pattern. Each loop is the list of the offsets of its characters. */
function loopsIn(pattern: string): number[][] {
  const automaton = automatonOf(pattern);
  return loopsOf(automaton).map((loop) => loop.map((state) => automaton.offsetOf(state)).toSorted((one, other) => one - other));
}

describe('loopsOf', () => {
  it('finds repeated pieces only', () => {
    expect(loopsIn('abc')).toEqual([]);
    expect(loopsIn('ab*c')).toEqual([[1]]);
    expect(loopsIn('x(?:ab)*y')).toEqual([[4, 5]]);
  });

  it('finds the outermost of nested loops', () => {
    expect(loopsIn('(?:a*b)*')).toEqual([[3, 5]]);
  });

  it('returns a loop before the loops that lead to it', () => {
    expect(loopsIn('a*b*c*')).toEqual([[4], [2], [0]]);
  });
});

/** True if the first of the two loops in a pattern leads to the second loop. */
const leadsIn = (pattern: string): boolean => {
  const automaton = automatonOf(pattern);
  const [behind = [], before = []] = loopsOf(automaton);
  return leads(automaton, before, behind);
};

describe('leads', () => {
  it.each([
    ['.*.*', true],
    ['[a-m]*[m-z]*', true],
    ['[a-m]*[n-z]*', false],
    ['.*x.*', true],
    ['[^x]*x[^x]*', false],
    ['[^x]*y[^x]*', true],
    ['[^x]*(?:x|y)[^x]*', true],
  ])('returns for the loops of %s: %s', (pattern, expected) => {
    expect(leadsIn(pattern)).toBe(expected);
  });

  it('returns false for the opposite direction', () => {
    const automaton = automatonOf('.*.*');
    const [behind = [], before = []] = loopsOf(automaton);
    expect(leads(automaton, behind, before)).toBe(false);
  });
});

describe('isAmbiguous', () => {
  it.each([
    ['(?:a|a)*', true],
    ['(?:a|b)*', false],
    ['(?:a|ab|b)*', true],
    ['(?:a|ab)*', false],
    ['(?:a|(?:|b?)c)*', true],
    ['(?:a+)+', true],
    ['(?:a+b)+', false],
  ])('returns for the loop of %s: %s', (pattern, expected) => {
    const automaton = automatonOf(pattern);
    expect(loopsOf(automaton).some((loop) => isAmbiguous(automaton, loop))).toBe(expected);
  });
});
