import { describe, expect, it } from 'vitest';
import { Automaton } from '../../../../src/filters/pattern/automaton/automaton.ts';
import { sizeOf } from '../../../../src/filters/pattern/automaton/size.ts';
import { charactersOf } from '../../../../src/filters/pattern/syntax.ts';
import { parsed } from '../../../support/filters/patterns.ts';

const automatonOf = (pattern: string, copies = true): Automaton => new Automaton(parsed(pattern), { copies });

/** For each state, the number of ways to each next state. */
const edgesOf = (automaton: Automaton): Record<number, number>[] =>
  Array.from({ length: automaton.size }, (_, state) => Object.fromEntries(automaton.next(state)));

describe('an automaton', () => {
  it('has a state for each character, with its set and its place in the pattern', () => {
    const automaton = automatonOf('^ab(?:c)[de]$');
    expect(automaton.size).toBe(4);
    expect([0, 1, 2, 3].map((state) => automaton.offsetOf(state))).toEqual([1, 2, 6, 8]);
    expect(automaton.reads(3)).toBe(charactersOf('de'));
    expect(edgesOf(automaton)).toEqual([{ 1: 1 }, { 2: 1 }, { 3: 1 }, {}]);
    expect([...automaton.first]).toEqual([0]);
    expect([0, 1, 2, 3].map((state) => automaton.endsWith(state))).toEqual([false, false, false, true]);
  });

  it('begins and ends with each alternative, and can skip optional pieces', () => {
    const automaton = automatonOf('(?:a|b)?c(?:d|e)?');
    expect([...automaton.first].toSorted((one, other) => one - other)).toEqual([0, 1, 2]);
    expect([0, 1, 2, 3, 4].filter((state) => automaton.endsWith(state))).toEqual([2, 3, 4]);
    expect(edgesOf(automaton)[2]).toEqual({ 3: 1, 4: 1 });
  });

  it('counts at most two ways between two states', () => {
    expect(edgesOf(automatonOf('a(?:|b?)c'))[0]).toEqual({ 1: 1, 2: 2 });
    expect(edgesOf(automatonOf('a(?:||b?|)c'))[0]).toEqual({ 1: 1, 2: 2 });
  });

  it('leads from the end of a repeated piece back to its start', () => {
    expect(edgesOf(automatonOf('(?:ab)*'))).toEqual([{ 1: 1 }, { 0: 1 }]);
    expect(edgesOf(automatonOf('(?:ab){0}c'))).toEqual([{}]);
  });

  it('has copies of a small repeated piece if the option `copies` is set', () => {
    expect(automatonOf('(?:ab){2,4}').size).toBe(8);
    expect(automatonOf('(?:ab){2,4}', false).size).toBe(2);
    expect(edgesOf(automatonOf('a{2,4}'))).toEqual(expect.arrayContaining([{}]));
    expect(edgesOf(automatonOf('a{2,4}', false))).toEqual([{ 0: 1 }]);
  });

  it.each(['abc', '(?:a|bc)*', 'a{2,5}', '(?:a{40}){2}', '[a-z]{64}', '[a-z]{65}', '(?:.*a){3}', '(?:.*a){4}'])(
    'has the size that is calculated in advance: %s',
    (pattern) => {
      expect(automatonOf(pattern).size).toBe(sizeOf(parsed(pattern)));
    },
  );
});
