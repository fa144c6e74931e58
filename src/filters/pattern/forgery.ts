// Decides whether a client can write a line that bans another client. Proves that every line has only one reading, or finds a line with two
// readings.
import { ConfigError } from '../../errors.ts';
import { UNDECIDED_END } from '../linestart/linestart.ts';
import { findSecondReading, Side, type Span } from './automaton/check.ts';
import type { Expanded } from './blocks.ts';
import { findStretches, holdsAddress, type Stretch } from './stretches.ts';
import { movedTo, parsePattern, textAt, type Characters, type Piece } from './syntax.ts';

/** A pattern in the form that the proof needs. */
export interface Shape {
  /** `genuine`: the lines that the server writes. `read`: the lines that the pattern matches. */
  readonly genuine: Side;
  readonly read: Side;
  /** Both sides up to the piece behind the address. Undefined when the client can write in this part, so that the sides differ. */
  readonly start: Side | undefined;
  /** A text that is equal for patterns with equal starts. */
  readonly startKey: string;
  readonly stretches: readonly Stretch[];
  /** The number of fixed characters before all text that a client can write, see findStretches. */
  readonly named: number;
  /** The program of a `<prefix>` at the start. The two sides begin behind this prefix. */
  readonly program: string | undefined;
  /** Returns both sides with the prefix, for a comparison with a pattern without a prefix. */
  readonly whole: () => Pick<Shape, 'genuine' | 'read'>;
}

/**
 * The reason why a client may be able to ban another client. `forged`: lines, without their prefix, in which an address other than the
 * client's can be found. `unproven`: the proof that there is no such line would take too many steps. `unnamed`: the client can write before
 * the address, and no fixed text before the client's text identifies the kind of line. Another kind of line may end with text of the client.
 */
export type Forgery = { readonly kind: 'forged'; readonly lines: readonly string[] } | { readonly kind: 'unproven' | 'unnamed' };

/** The address of the client whose forged line is logged (a documentation address of RFC 5737). */
export const CLIENT = '203.0.113.9';

/** The address that a forged line would ban. */
export const STRANGER = '198.51.100.1';

/** The text that may belong either to a prefix or to the message behind it. Its offset is before the offsets of every pattern. */
const UNDECIDED = movedTo(parsePattern(UNDECIDED_END, unworded), -1);

/** Prepares a pattern for the proof. `address`: the offsets of the group `address`. */
export function shapeOf(pattern: Piece, address: Span, expanded: Expanded): Shape {
  const { genuine, stretches, named } = findStretches(pattern, expanded);
  const notBehind = lastClassOf(pattern);
  const { program, prefix, outline } = expanded;
  const side = (piece: Piece): Side => new Side(program === undefined ? piece : rowOf(UNDECIDED, piece), address, notBehind);
  const both = { genuine: side(genuine), read: side(pattern) };
  const whole = (): Pick<Shape, 'genuine' | 'read'> => {
    if (prefix === undefined) return both;
    const start = movedTo(parsePattern(prefix, unworded), -1);
    const behind = (piece: Piece): Side => new Side(rowOf(start, piece), address, notBehind);
    return { genuine: behind(genuine), read: behind(pattern) };
  };
  const words = { ...both, stretches, named, program, whole };
  const start = startOf(pattern);
  if (stretches.some((stretch) => stretch.start < start.end)) return { ...words, start: undefined, startKey: '' };
  const startKey = `${program === undefined} ${notBehind} ${outline.slice(0, start.end)}`;
  return { ...words, start: side(start), startKey };
}

/** The characters of the longest address (IPv6 with an IPv4 address in it). */
const LONGEST_ADDRESS = 45;

/**
 * The characters of the group `address`, if the pattern ends with this group, else no characters. A match takes as many of these characters
 * as it can, and the server is assumed to write another character behind the address. A group that can end earlier, because it is short or
 * lazy, gives no characters.
 */
function lastClassOf(piece: Piece, inAddress = false): Characters {
  if (piece.kind === 'one') return inAddress ? piece.of : 0n;
  if (piece.kind === 'capture') return lastClassOf(piece.piece, inAddress || piece.name === 'address');
  if (piece.kind === 'repeat')
    return inAddress && !piece.lazy && piece.max >= LONGEST_ADDRESS ? lastClassOf(piece.piece, true) : 0n;
  const last = piece.kind === 'row' ? piece.pieces.at(-1) : undefined;
  return last ? lastClassOf(last, inAddress) : 0n;
}

/** A pattern that is cut off after the piece that follows its address. */
function startOf(piece: Piece): Piece {
  if (piece.kind !== 'row') return piece;
  const place = piece.pieces.findIndex(holdsAddress);
  const holder = piece.pieces[place];
  if (!holder) return piece;
  const isItself = holder.kind === 'capture' && holder.name === 'address';
  const pieces = [...piece.pieces.slice(0, place), startOf(holder), ...piece.pieces.slice(place + 1, place + (isItself ? 2 : 1))];
  return { ...piece, pieces, end: pieces.at(-1)?.end ?? piece.end };
}

/** A pattern with other text before it. */
function rowOf(before: Piece, piece: Piece): Piece {
  return { kind: 'row', pieces: [before, piece], start: piece.start, end: piece.end };
}

/** Makes the error for this program's own patterns, which have no faults. */
function unworded(text: string): ConfigError {
  return new ConfigError(text);
}

/** The maximum number of steps of one search for a pattern (0.2 s). The shipped filters need 300 steps, and a long pattern for Dovecot 3000. */
const MOST_STEPS = 1_000_000;

/**
 * The least number of fixed characters that identify a kind of line. It is also the length of the shortest literal that logs are searched
 * for.
 */
const NAMED = 3;

/** Returns the reason to refuse a pattern. Undefined: the pattern finds only the address of the client that the server names. */
export function findForgery(shape: Shape): Forgery | undefined {
  if (startsAgree(shape, shape)) return undefined;
  const forgery = findForgeryBetween(shape, MOST_STEPS);
  if (forgery) return forgery;
  const free = shape.stretches.some(({ beforeAddress }) => beforeAddress);
  return free && shape.named < NAMED ? { kind: 'unnamed' } : undefined;
}

/** Two patterns. In a line of the pattern `genuine`, the pattern `read` can find another address. */
export interface Contradiction {
  /** Indices of the patterns. */
  readonly genuine: number;
  readonly read: number;
  readonly forgery: Forgery;
}

/** The maximum number of steps of all searches for contradictions together. But each search may take STEPS_OF_EACH, even if the sum is higher. */
const STEPS_OF_ALL = 20_000_000;
const STEPS_OF_EACH = 50_000;

/** Finds the first two patterns that contradict each other. One of the two misreads a line. */
export function findContradiction(shapes: readonly Shape[]): Contradiction | undefined {
  const mostSteps = Math.max(STEPS_OF_EACH, STEPS_OF_ALL / shapes.length ** 2);
  for (const [genuine, one] of shapes.entries()) {
    for (const [read, other] of shapes.entries()) {
      if (genuine === read) continue;
      // A pattern with a prefix and a pattern without one are compared by their whole lines.
      const alike = (one.program === undefined) === (other.program === undefined);
      if (alike && startsAgree(one, other)) continue;
      const [writer, reader] = alike ? [one, other] : [one.whole(), other.whole()];
      const forgery = findForgeryBetween({ genuine: writer.genuine, read: reader.read }, mostSteps);
      if (forgery) return { genuine, read, forgery };
    }
  }
  return undefined;
}

/**
 * The keys of pairs of starts that agree. They are remembered, because many patterns of a filter begin alike and a reload compiles them
 * again.
 */
const agreed = new Set<string>();

/** The number of pairs that are remembered. */
const MOST_AGREED = 1000;

/**
 * True when the starts of two patterns prove that both patterns find the same address in a line, whatever follows the start. This proof
 * nearly always succeeds, and takes a tenth of the work of the full proof. In a start both sides are equal, so that the order of the two
 * patterns does not matter.
 */
function startsAgree(one: Shape, other: Shape): boolean {
  if (!one.start || !other.start) return false;
  const key = [one.startKey, other.startKey].toSorted().join('\n');
  if (agreed.has(key)) return true;
  if (findSecondReading(one.start, other.start, MOST_STEPS) !== undefined) return false;
  if (agreed.size >= MOST_AGREED) agreed.clear();
  agreed.add(key);
  return true;
}

function findForgeryBetween({ genuine, read }: { genuine: Side; read: Side }, mostSteps: number): Forgery | undefined {
  const first = findSecondReading(genuine, read, mostSteps);
  if (first === undefined) return undefined;
  if (first === 'unknown') return { kind: 'unproven' };
  // These lines may have been found only because repetitions count as endless. In the second search, small repetitions are exact.
  const found = findSecondReading(exactly(genuine), exactly(read), mostSteps);
  if (found === undefined) return undefined;
  if (found === 'unknown') return { kind: 'unproven' };
  // These lines are as short as possible. If there are lines with whole addresses, they are easier to understand.
  const plain = findSecondReading(exactly(genuine, CLIENT), exactly(read, STRANGER), mostSteps);
  return { kind: 'forged', lines: plain === undefined || plain === 'unknown' ? found : plain };
}

/** Returns a side with exact small repetitions and, if `text` is given, with this one address. */
function exactly({ pattern, address, notBehind }: Side, text?: string): Side {
  const put = (piece: Piece): Piece => {
    if (piece.kind === 'one' || piece.kind === 'edge') return piece;
    if (piece.kind === 'row' || piece.kind === 'choice') return { ...piece, pieces: piece.pieces.map(put) };
    if (piece.kind === 'capture' && piece.name === 'address' && text !== undefined) {
      return { ...piece, piece: textAt(text, address.start) };
    }
    return { ...piece, piece: put(piece.piece) };
  };
  return new Side(text === undefined ? pattern : put(pattern), address, notBehind, true);
}
