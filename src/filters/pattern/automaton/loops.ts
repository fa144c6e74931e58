// The loops of an automaton. They decide how the time of matching grows with the length of a line.
import type { Characters } from '../syntax.ts';
import type { Automaton } from './automaton.ts';

/** The states of a strongly connected component that contains a cycle. */
export type Loop = readonly number[];

/** The largest loop, in states, that is searched for ambiguity. The search examines at most the square of this number of pairs. */
export const LARGEST_LOOP = 400;

/** The strongly connected components that contain a cycle (Tarjan's algorithm). Each component comes before the components that lead to it. */
export function loopsOf(automaton: Automaton): Loop[] {
  const order = new Map<number, number>();
  const lowest: number[] = [];
  const stack: number[] = [];
  const closed = new Set<number>();
  const loops: Loop[] = [];
  const visit = (state: number): void => {
    const number = order.size;
    order.set(state, number);
    lowest[state] = number;
    stack.push(state);
    for (const target of automaton.next(state).keys()) {
      if (!order.has(target)) visit(target);
      if (!closed.has(target)) lowest[state] = Math.min(lowest[state] ?? number, lowest[target] ?? number);
    }
    if (lowest[state] !== number) return;
    const loop = stack.splice(stack.lastIndexOf(state));
    for (const member of loop) closed.add(member);
    if (loop.length > 1 || automaton.next(state).has(state)) loops.push(loop);
  };
  for (let state = 0; state < automaton.size; state += 1) if (!order.has(state)) visit(state);
  return loops;
}

/** True when `to` can be reached from `from` over characters that both loops can read. */
export function leads(automaton: Automaton, from: Loop, to: Loop): boolean {
  const shared = readBy(automaton, from) & readBy(automaton, to);
  const goal = new Set(to);
  const seen = new Set(from);
  for (const state of seen) {
    for (const target of automaton.next(state).keys()) {
      if ((automaton.reads(target) & shared) === 0n) continue;
      if (goal.has(target)) return true;
      seen.add(target); // The iteration over a set includes the members that are added during it.
    }
  }
  return false;
}

function readBy(automaton: Automaton, states: Loop): Characters {
  return states.reduce((all, state) => all | automaton.reads(state), 0n);
}

/**
 * True when a text leads in two ways through a loop from a state back to that state. There are two cases: the loop has a double edge, or a
 * pair of different states can be reached from a pair of equal states and leads to a pair of equal states.
 */
export function isAmbiguous(automaton: Automaton, loop: Loop): boolean {
  const members = new Set(loop);
  const edges = new Map(loop.map((state) => [state, [...automaton.next(state)].filter(([target]) => members.has(target))]));
  if ([...edges.values()].some((list) => list.some(([, ways]) => ways > 1))) return true;
  const seen = new Set<number>();
  const open = loop.map((state): [number, number] => [state, state]);
  for (let pair = open.pop(); pair; pair = open.pop()) {
    for (const [one] of edges.get(pair[0]) ?? []) {
      for (const [other] of edges.get(pair[1]) ?? []) {
        if (one === other) {
          if (pair[0] !== pair[1]) return true;
        } else if (!seen.has(one * automaton.size + other) && (automaton.reads(one) & automaton.reads(other)) !== 0n) {
          seen.add(one * automaton.size + other);
          open.push([one, other]);
        }
      }
    }
  }
  return false;
}
