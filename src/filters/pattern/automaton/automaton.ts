// The Glushkov automaton of a pattern. It has one state for each character that the pattern can read. The checks of matching time (check.ts)
// and of forged lines (readings.ts) use it.
import type { Characters, Piece } from '../syntax.ts';
import { isWrittenOut } from './size.ts';

/** A set of states, each with the number of ways to reach it (2 stands for two or more). */
type Ways = Map<number, number>;

/** The automaton of a piece: the number of ways to match the empty text, and the states with which a match begins and ends. */
interface Part {
  readonly empty: number;
  readonly first: Ways;
  readonly last: Ways;
}

const NOTHING: Part = { empty: 1, first: new Map(), last: new Map() };

/** The maximum number of edges between states; building them takes a quarter of a second. Shipped patterns have a few thousand edges. */
const MOST_EDGES = 500_000;

/** The automaton of one pattern. An edge reads the character of the state that it leads to. */
export class Automaton {
  readonly #reads: Characters[] = [];
  readonly #offsets: number[] = [];
  readonly #next: Ways[] = [];
  readonly #copies: boolean;
  #edges = 0;
  readonly #whole: Part;

  /**
   * With `copies`, a small repetition is written out as copies of the repeated piece. Every other repetition with a maximum above one counts
   * as endless.
   */
  constructor(pattern: Piece, options: { readonly copies: boolean }) {
    this.#copies = options.copies;
    this.#whole = this.#build(pattern);
  }

  /** The number of states; they are numbered from 0. */
  get size(): number {
    return this.#reads.length;
  }

  /** True for a pattern that is too large. Its automaton is not complete, and proves nothing about the pattern. */
  get isTooLarge(): boolean {
    return this.#edges > MOST_EDGES;
  }

  /** The states with which a match begins. */
  get first(): Iterable<number> {
    return this.#whole.first.keys();
  }

  /** True for a state with which a match can end. */
  endsWith(state: number): boolean {
    return this.#whole.last.has(state);
  }

  /** The states that can follow this state, each with the number of ways to reach it (2: two or more). */
  next(state: number): ReadonlyMap<number, number> {
    return this.#next[state] ?? NOTHING.first;
  }

  /** The characters that a state reads. */
  reads(state: number): Characters {
    return this.#reads[state] ?? 0n;
  }

  /** The offset of the state's character in the pattern's text. */
  offsetOf(state: number): number {
    return this.#offsets[state] ?? 0;
  }

  #build(piece: Piece): Part {
    if (this.isTooLarge) return NOTHING;
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
    // An iteration beyond `min` that matches the empty text is rejected (ECMA-262, RepeatMatcher step 2.b), so it is no second way.
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
    this.#edges += from.size * to.size;
    if (this.isTooLarge) return;
    for (const [state, ways] of from) {
      const next = this.#next[state] ?? new Map<number, number>();
      for (const [target, more] of to) next.set(target, atMostTwo((next.get(target) ?? 0) + ways * more));
    }
  }
}

function atMostTwo(ways: number): number {
  return Math.min(2, ways);
}

/**
 * Adds the ways of `other`, multiplied by `times`, to the ways of `one`. `times`: the number of ways in which the part that has to be skipped
 * on the way to the states of `other` matches the empty text; 1 when no part has to be skipped.
 */
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
