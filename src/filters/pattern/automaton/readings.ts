// Decides whether a pattern can find a wrong address in a line that the server writes. One automaton accepts the lines that the server
// writes, with any text of clients in them. The other automaton is the pattern. The search goes through pairs of states, one state of each
// automaton, and looks for a line that both automata accept, but with the address in different places. If the search ends without such a
// line, no such line exists, whichever way through the pattern the matcher chooses.
import type { Characters, Piece } from '../syntax.ts';
import { Automaton } from './automaton.ts';

/** The start and the end of the address in a pattern's text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * One or two lines with two readings: the first line of each kind (LATER, EARLIER) that was found. `unknown`: the search was given up before
 * it found a line.
 */
export type SecondReading = readonly string[] | 'unknown';

/** A character that stands for the end of the line. Its code is above every byte. Every line ends with one or more of these characters. */
const END: Characters = 1n << 256n;
const ALL: Characters = END - 1n;

/**
 * The phases of the search. BEFORE: no side has reached its address. INSIDE: both addresses began at the same place, and neither has ended.
 * LATER: the address that is read begins after the start of the genuine address. EARLIER: the address that is read begins before the genuine
 * address, or begins at the same place and ends at another place.
 */
const BEFORE = 0;
const INSIDE = 1;
const LATER = 2;
const EARLIER = 3;

/**
 * Searches for a line that `genuine` writes and in which `read` finds an address that begins or ends at another place than the address of
 * `genuine`. Undefined: there is no such line. The search is given up after `mostSteps` pairs of edges (150 ns each). It misses no line, but
 * it may find a line that cannot occur, because repetitions count as endless (on a side with `exact`, only large repetitions), and word
 * boundaries count as true everywhere.
 */
export function findSecondReading(genuine: Side, read: Side, mostSteps: number): SecondReading | undefined {
  if (genuine.reader.isTooLarge || read.reader.isTooLarge) return 'unknown';
  return new Search(genuine.reader, read.reader).run(mostSteps);
}

/** One side of a search: a pattern and its address. */
export class Side {
  readonly pattern: Piece;
  readonly address: Span;
  /** The text behind the pattern does not begin with any of these characters. */
  readonly notBehind: Characters;
  /** True: only large repetitions count as endless. False: every piece that may be repeated more than once counts as repeated endlessly. */
  readonly exact: boolean;
  #reader: Reader | undefined;

  constructor(pattern: Piece, address: Span, notBehind: Characters, exact = false) {
    this.pattern = pattern;
    this.address = address;
    this.notBehind = notBehind;
    this.exact = exact;
  }

  /** The automaton of this side, made when it is first needed. */
  get reader(): Reader {
    this.#reader ??= new Reader(this);
    return this.#reader;
  }
}

/** An automaton that reads the line to its end, and has the states of the address marked. */
class Reader {
  readonly first: readonly number[];
  readonly next: readonly (readonly number[])[];
  readonly reads: readonly Characters[];
  readonly inAddress: readonly boolean[];
  readonly last: readonly boolean[];
  readonly isTooLarge: boolean;

  constructor({ pattern, address, notBehind, exact }: Side) {
    const line = row([withEnds(pattern), restBehind(pattern, address, notBehind)]);
    const automaton = new Automaton(line, { copies: exact });
    this.isTooLarge = automaton.isTooLarge;
    const states = Array.from({ length: automaton.size }, (_, state) => state);
    this.first = [...automaton.first];
    this.next = states.map((state) => [...automaton.next(state).keys()]);
    this.reads = states.map((state) => automaton.reads(state));
    this.last = states.map((state) => automaton.endsWith(state));
    this.inAddress = states.map((state) => {
      const offset = automaton.offsetOf(state);
      return offset >= address.start && offset < address.end;
    });
  }
}

/** Matches the rest of the line behind the pattern. Its pieces have an offset outside the address, so they do not count as address. */
function restBehind(pattern: Piece, address: Span, notBehind: Characters): Piece {
  const offset = address.end + pattern.end;
  const at = { start: offset, end: offset };
  const anything: Piece = { kind: 'repeat', piece: { kind: 'one', of: ALL | END, ...at }, min: 0, max: Infinity, ...at };
  return row([{ kind: 'one', of: (ALL | END) & ~notBehind, ...at }, anything]);
}

function row(pieces: readonly Piece[]): Piece {
  return { kind: 'row', pieces, start: 0, end: 0 };
}

/** Returns a pattern in which each `$` reads the character END. */
function withEnds(piece: Piece): Piece {
  switch (piece.kind) {
    case 'one':
      return piece;
    case 'edge':
      return piece.edge === 'end' ? { kind: 'one', of: END, start: piece.start, end: piece.end } : piece;
    case 'row':
    case 'choice':
      return { ...piece, pieces: piece.pieces.map(withEnds) };
    case 'capture':
    case 'repeat':
      return { ...piece, piece: withEnds(piece.piece) };
  }
}

/** A breadth-first search, so that the line it finds is as short as possible. */
class Search {
  readonly #genuine: Reader;
  readonly #read: Reader;
  /** The predecessor of each pair; -1 for the first pairs. A pair is a number, see #numberOf. */
  readonly #from = new Map<number, number>();
  #steps = 0;

  constructor(genuine: Reader, read: Reader) {
    this.#genuine = genuine;
    this.#read = read;
  }

  run(mostSteps: number): SecondReading | undefined {
    const lines = new Map<number, string>();
    this.#expand(-1, this.#genuine.first, this.#read.first, BEFORE, false);
    // The iteration over a map includes the entries that are added during it.
    for (const pair of this.#from.keys()) {
      if (this.#steps > mostSteps) break;
      const { one, other, phase, ended } = this.#partsOf(pair);
      if (ended && phase >= LATER && !lines.has(phase) && this.#genuine.last[one] && this.#read.last[other]) {
        lines.set(phase, this.#lineTo(pair));
        if (lines.size === 2) break;
      }
      this.#expand(pair, this.#genuine.next[one] ?? [], this.#read.next[other] ?? [], phase, ended);
    }
    if (lines.size > 0) return [...lines.values()];
    return this.#steps > mostSteps ? 'unknown' : undefined;
  }

  #expand(from: number, ones: readonly number[], others: readonly number[], phase: number, ended: boolean): void {
    this.#steps += ones.length * others.length;
    for (const one of ones) {
      for (const other of others) {
        const shared = (this.#genuine.reads[one] ?? 0n) & (this.#read.reads[other] ?? 0n);
        if (shared === 0n) continue;
        const next = nextPhase(phase, this.#genuine.inAddress[one] === true, this.#read.inAddress[other] === true);
        if (next === undefined) continue;
        if (!ended && (shared & ALL) !== 0n) this.#add(from, this.#numberOf(one, other, next, false));
        if ((shared & END) !== 0n) this.#add(from, this.#numberOf(one, other, next, true));
      }
    }
  }

  #add(from: number, pair: number): void {
    if (!this.#from.has(pair)) this.#from.set(pair, from);
  }

  #numberOf(one: number, other: number, phase: number, ended: boolean): number {
    return ((one * this.#read.reads.length + other) * 4 + phase) * 2 + (ended ? 1 : 0);
  }

  #partsOf(pair: number): { one: number; other: number; phase: number; ended: boolean } {
    const states = Math.floor(pair / 8);
    const size = this.#read.reads.length;
    return { one: Math.floor(states / size), other: states % size, phase: Math.floor(pair / 2) % 4, ended: pair % 2 === 1 };
  }

  #lineTo(pair: number): string {
    const characters: string[] = [];
    for (let here = pair; here >= 0; here = this.#from.get(here) ?? -1) {
      const { one, other, ended } = this.#partsOf(here);
      if (!ended) characters.push(readable((this.#genuine.reads[one] ?? 0n) & (this.#read.reads[other] ?? 0n)));
    }
    return characters.toReversed().join('');
  }
}

/** Returns the next phase. Undefined: both addresses began and ended at equal places, so they cannot differ any more. */
function nextPhase(phase: number, genuine: boolean, read: boolean): number | undefined {
  if (phase >= LATER) return phase;
  if (phase === INSIDE) return genuine !== read ? EARLIER : genuine ? INSIDE : undefined;
  if (genuine !== read) return genuine ? LATER : EARLIER;
  return genuine ? INSIDE : BEFORE;
}

/** The characters that are preferred in a shown line, because they are easy to read. The best characters come first. */
const READABLE = 'xa1XA .-_:/@';

/** Chooses one character of a set, preferably a readable one. */
function readable(set: Characters): string {
  const choice = Array.from(READABLE).find((character) => (set & (1n << BigInt(character.charCodeAt(0)))) !== 0n);
  if (choice !== undefined) return choice;
  for (const code of [...Array(0x5f).keys()].map((offset) => offset + 0x20)) {
    if ((set & (1n << BigInt(code))) !== 0n) return String.fromCharCode(code);
  }
  const lowest = (set & ALL & -(set & ALL)).toString(2).length - 1;
  return String.fromCharCode(lowest);
}
