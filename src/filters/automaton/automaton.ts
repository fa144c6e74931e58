// The Glushkov automaton of a pattern, and its loops: what can be said of the time that matching may take is found on it.
import type { Characters, Piece } from '../syntax.ts';

/** Repetitions are written out as copies up to this many characters; larger ones are taken as endless, which can only refuse more. */
const WRITTEN_OUT = 64;

/** States of one loop that can be searched for ambiguity; the pairs are the square of it. */
export const LARGEST_LOOP = 400;

/** A state and in how many ways it is reached (2: two or more). */
type Ways = Map<number, number>;

/** What is known of a piece of the pattern: ways to match nothing, states it can begin with and end with. */
interface Part {
  readonly empty: number;
  readonly first: Ways;
  readonly last: Ways;
}

const NOTHING: Part = { empty: 1, first: new Map(), last: new Map() };

/** One state for each character written in the pattern; an edge reads the character of the state it leads to. */
export class Automaton {
  readonly #reads: Characters[] = [];
  readonly #offsets: number[] = [];
  readonly #next: Ways[] = [];

  readonly #copies: boolean;

  /** `copies`: whether small repetitions are written out as copies; else every one of more than one time is taken as endless. */
  constructor(pattern: Piece, options: { readonly copies: boolean }) {
    this.#copies = options.copies;
    this.#build(pattern);
  }

  offsetOf(state: number): number {
    return this.#offsets[state] ?? 0;
  }

  #build(piece: Piece): Part {
    switch (piece.kind) {
      case 'edge':
        return NOTHING;
      case 'one': {
        const state = this.#reads.push(piece.of) - 1;
        this.#offsets.push(piece.start);
        this.#next.push(new Map());
        return { empty: 0, first: new Map([[state, 1]]), last: new Map([[state, 1]]) };
      }
      case 'capture':
        return this.#build(piece.piece);
      case 'row':
        return piece.pieces.reduce<Part>((before, next) => this.#join(before, this.#build(next)), NOTHING);
      case 'choice':
        return piece.pieces.map((one) => this.#build(one)).reduce(either);
      case 'repeat':
        return this.#repeat(piece.piece, piece.min, piece.max);
    }
  }

  #repeat(body: Piece, min: number, max: number): Part {
    if (max === 0) return NOTHING;
    if (max > 1 && !(this.#copies && isWrittenOut(body, max))) return this.#endless(body, min);
    let optional = NOTHING;
    for (let copy = min; copy < max; copy += 1) optional = maybe(this.#join(this.#build(body), optional));
    let part = optional;
    for (let copy = 0; copy < min; copy += 1) part = this.#join(this.#build(body), part);
    return part;
  }

  #endless(body: Piece, min: number): Part {
    const part = this.#build(body);
    this.#connect(part.last, part.first);
    // An iteration beyond `min` that matches nothing is given up (ECMA-262, RepeatMatcher step 2.b), so it is no second way.
    return { ...part, empty: min === 0 ? 1 : part.empty };
  }

  #join(before: Part, after: Part): Part {
    this.#connect(before.last, after.first);
    return {
      empty: atMostTwo(before.empty * after.empty),
      first: sum(before.first, after.first, before.empty),
      last: sum(after.last, before.last, after.empty),
    };
  }

  #connect(from: Ways, to: Ways): void {
    for (const [state, ways] of from) {
      const next = this.#next[state] ?? new Map<number, number>();
      for (const [target, more] of to) next.set(target, atMostTwo((next.get(target) ?? 0) + ways * more));
    }
  }

  /** The sets of states that can all reach each other, those that lie on a loop at all (Tarjan's algorithm); one before those that lead to it. */
  loops(): number[][] {
    const order = new Map<number, number>();
    const lowest: number[] = [];
    const stack: number[] = [];
    const closed = new Set<number>();
    const loops: number[][] = [];
    const visit = (state: number): void => {
      const number = order.size;
      order.set(state, number);
      lowest[state] = number;
      stack.push(state);
      for (const target of this.#next[state]?.keys() ?? []) {
        if (!order.has(target)) visit(target);
        if (!closed.has(target)) lowest[state] = Math.min(lowest[state] ?? number, lowest[target] ?? number);
      }
      if (lowest[state] !== number) return;
      const loop = stack.splice(stack.lastIndexOf(state));
      for (const member of loop) closed.add(member);
      if (loop.length > 1 || this.#next[state]?.has(state)) loops.push(loop);
    };
    for (const state of this.#next.keys()) if (!order.has(state)) visit(state);
    return loops;
  }

  /** Whether a way leads from one loop to another with no character on it that is foreign to either. */
  leads(from: readonly number[], to: readonly number[]): boolean {
    const shared = this.#readsOf(from) & this.#readsOf(to);
    const goal = new Set(to);
    const seen = new Set(from);
    for (const state of seen) {
      for (const target of this.#next[state]?.keys() ?? []) {
        if (((this.#reads[target] ?? 0n) & shared) === 0n) continue;
        if (goal.has(target)) return true;
        seen.add(target); // A set is walked through to what is added on the way.
      }
    }
    return false;
  }

  #readsOf(states: readonly number[]): Characters {
    return states.reduce((all, state) => all | (this.#reads[state] ?? 0n), 0n);
  }

  /** The criterion: a double edge, or a pair of different states reached from a pair of the same state and leading to one. */
  isAmbiguous(loop: readonly number[]): boolean {
    const members = new Set(loop);
    const edges = new Map(loop.map((state) => [state, [...(this.#next[state] ?? [])].filter(([target]) => members.has(target))]));
    if ([...edges.values()].some((list) => list.some(([, ways]) => ways > 1))) return true;
    const size = this.#next.length;
    const seen = new Set<number>();
    const open = loop.map((state): [number, number] => [state, state]);
    for (let pair = open.pop(); pair; pair = open.pop()) {
      for (const [one] of edges.get(pair[0]) ?? []) {
        for (const [other] of edges.get(pair[1]) ?? []) {
          if (one === other) {
            if (pair[0] !== pair[1]) return true;
          } else if (!seen.has(one * size + other) && ((this.#reads[one] ?? 0n) & (this.#reads[other] ?? 0n)) !== 0n) {
            seen.add(one * size + other);
            open.push([one, other]);
          }
        }
      }
    }
    return false;
  }
}

function atMostTwo(ways: number): number {
  return Math.min(2, ways);
}

/** The ways of `one`, and those of `other` as often as what stands between can be empty. */
function sum(one: Ways, other: Ways, times: number): Ways {
  const all = new Map(one);
  if (times > 0) for (const [state, ways] of other) all.set(state, atMostTwo((all.get(state) ?? 0) + ways * times));
  return all;
}

function either(one: Part, other: Part): Part {
  return {
    empty: atMostTwo(one.empty + other.empty),
    first: sum(one.first, other.first, 1),
    last: sum(one.last, other.last, 1),
  };
}

function maybe(part: Part): Part {
  return { ...part, empty: 1 };
}

/** Few characters, and no endless part that copies would hide: `(?:.*a){20}` is as bad as `(?:.*a)*`. */
export function isWrittenOut(body: Piece, max: number): boolean {
  return max === 1 || (sizeOf(body) * max <= WRITTEN_OUT && !(max > 3 && hasLoop(body)));
}

/** States of a piece's automaton. */
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
