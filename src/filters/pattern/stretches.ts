// Finds the stretches of a line that a client can write, from the pattern that matches the line. The compiler does not know the mail
// server. It trusts two kinds of pieces only: the building blocks that the server alone writes, and fixed text.
import { isServerWord, type Expanded } from './blocks.ts';
import { ALL, charactersOf, onlyCharacter, type Characters, type Piece } from './syntax.ts';

/** A variable piece of the pattern: the client may write any text in its place. */
export interface Stretch {
  /** Offsets in the outline. */
  readonly start: number;
  readonly end: number;
  readonly beforeAddress: boolean;
}

/** The lines that the server writes for a pattern. */
export interface Written {
  /** The pattern with any text in place of each stretch. It matches every line that the server writes, with any text of clients in it. */
  readonly genuine: Piece;
  /** The stretches in the order of the pattern. No stretch is inside another. */
  readonly stretches: readonly Stretch[];
  /** The number of fixed characters before the first stretch and the address, without a prefix. They identify the kind of line. */
  readonly named: number;
}

/**
 * Finds the stretches. Before the address everything is a stretch, except fixed text and the server's blocks. Behind the address, choices,
 * options and repetitions of fixed text and server's blocks are no stretches either. A setting is a stretch. Text between `<` and `>` is
 * also a stretch, because a log quotes a client's words in this way: a client that may write `trap` there may write more.
 */
export function findStretches(pattern: Piece, { originOf }: Pick<Expanded, 'originOf'>): Written {
  const enclosed = new Set(enclosedIn(pattern));
  const stretches: Stretch[] = [];
  let beforeAddress = true;
  let ofText = false;
  let named = 0;

  const stretch = (piece: Piece): Piece => {
    const { start, end } = piece;
    const last = stretches.at(-1);
    // Adjacent characters of one text are one stretch.
    if (last?.end === start && ofText && isFixed(piece)) stretches.splice(-1, 1, { ...last, end });
    else stretches.push({ start, end, beforeAddress });
    ofText = isFixed(piece);
    return { kind: 'repeat', piece: { kind: 'one', of: ALL, start, end }, min: 0, max: Infinity, start, end };
  };
  const walk = (piece: Piece): Piece => {
    if (piece.kind === 'edge') return piece;
    if (piece.kind === 'row') return { ...piece, pieces: piece.pieces.map(walk) };
    if (piece.kind === 'capture') {
      if (piece.name !== 'address') return { ...piece, piece: walk(piece.piece) };
      beforeAddress = false;
      return piece;
    }
    if (piece.kind === 'repeat' && holdsAddress(piece)) return { ...piece, piece: walk(piece.piece) };
    const origin = originOf(piece.start, piece.end);
    if (origin === 'server') return piece;
    if (origin === 'setting' || enclosed.has(piece)) return stretch(piece);
    if (isFixed(piece) || isChoiceOfServerWords(piece)) {
      if (beforeAddress && stretches.length === 0) named += shortestOf(piece);
      return piece;
    }
    if (beforeAddress || piece.kind === 'one' || isClass(piece)) return stretch(piece);
    return piece.kind === 'choice' ? { ...piece, pieces: piece.pieces.map(walk) } : { ...piece, piece: walk(piece.piece) };
  };
  const genuine = walk(pattern);
  return { genuine, stretches, named };
}

/** True for a piece with the group `address` in it. */
export function holdsAddress(piece: Piece): boolean {
  if (piece.kind === 'capture') return piece.name === 'address' || holdsAddress(piece.piece);
  if (piece.kind === 'repeat') return holdsAddress(piece.piece);
  return (piece.kind === 'row' || piece.kind === 'choice') && piece.pieces.some(holdsAddress);
}

/** The letters, each in both cases: `[Ll]` is fixed text whose case may vary. */
const LETTERS: ReadonlySet<Characters> = new Set(
  Array.from('abcdefghijklmnopqrstuvwxyz').map((letter) => charactersOf(letter + letter.toUpperCase())),
);

/** True for text that is written out character by character. A repetition in it repeats a fixed number of times. */
function isFixed(piece: Piece): boolean {
  switch (piece.kind) {
    case 'edge':
      return true;
    case 'one':
      return onlyCharacter(piece.of) !== undefined || LETTERS.has(piece.of);
    case 'row':
      return piece.pieces.every(isFixed);
    case 'choice':
      return false;
    case 'capture':
      return isFixed(piece.piece);
    case 'repeat':
      return piece.min === piece.max && isFixed(piece.piece);
  }
}

/** The length of the shortest match of a piece. */
function shortestOf(piece: Piece): number {
  switch (piece.kind) {
    case 'edge':
      return 0;
    case 'one':
      return 1;
    case 'row':
      return piece.pieces.reduce((sum, one) => sum + shortestOf(one), 0);
    case 'choice':
      return Math.min(...piece.pieces.map(shortestOf));
    case 'capture':
      return shortestOf(piece.piece);
    case 'repeat':
      return piece.min * shortestOf(piece.piece);
  }
}

/** True for a choice such as `(?:RCPT|DATA)`. */
function isChoiceOfServerWords(piece: Piece): boolean {
  return piece.kind === 'choice' && piece.pieces.every((one) => isServerWord(textOf(one) ?? ''));
}

/** Returns the text of a piece that matches only one text; undefined for every other piece. */
function textOf(piece: Piece): string | undefined {
  if (piece.kind === 'one') return onlyCharacter(piece.of);
  if (piece.kind !== 'row') return undefined;
  const parts = piece.pieces.map(textOf);
  return parts.includes(undefined) ? undefined : parts.join('');
}

/** True for a character class, repeated or not. */
function isClass(piece: Piece): boolean {
  if (piece.kind === 'repeat' || piece.kind === 'capture') return isClass(piece.piece);
  if (piece.kind === 'row') return piece.pieces.length === 1 && piece.pieces.every(isClass);
  return piece.kind === 'one' && !isFixed(piece);
}

/** The pieces of a pattern one after the other, without the rows and groups around them. */
function leavesOf(piece: Piece): readonly Piece[] {
  if (piece.kind === 'row') return piece.pieces.flatMap(leavesOf);
  return piece.kind === 'capture' && piece.name !== 'address' ? leavesOf(piece.piece) : [piece];
}

/** The pieces between a `<` and the next `>`, unless the address is among them. Each of the two characters may be inside a group. */
function enclosedIn(piece: Piece): readonly Piece[] {
  const leaves = leavesOf(piece);
  const enclosed = leaves.flatMap((leaf): readonly Piece[] => {
    if (leaf.kind === 'repeat') return enclosedIn(leaf.piece);
    return leaf.kind === 'choice' ? leaf.pieces.flatMap(enclosedIn) : [];
  });
  for (const [index, leaf] of leaves.entries()) {
    if (!opens(leaf)) continue;
    const end = leaves.findIndex((other, place) => place > index && has(other, '>'));
    const closing = leaves[end];
    const inside = leaves.slice(index + 1, Math.max(end, index + 1));
    if (closing && !isCharacter(closing, '>')) inside.push(closing);
    if (!inside.some(holdsAddress)) enclosed.push(...inside);
  }
  return enclosed;
}

/** True for a `<`, and for a group that contains a `<` without a `>` behind it. */
function opens(leaf: Piece): boolean {
  if (leaf.kind === 'repeat') return hasOpen(leaf.piece);
  return leaf.kind === 'choice' ? leaf.pieces.some(hasOpen) : isCharacter(leaf, '<');
}

function hasOpen(piece: Piece): boolean {
  const leaves = leavesOf(piece);
  return leaves.slice(leaves.findLastIndex((leaf) => has(leaf, '>')) + 1).some(opens);
}

/** True for a piece that contains this character as fixed text. */
function has(piece: Piece, character: string): boolean {
  if (piece.kind === 'row' || piece.kind === 'choice') return piece.pieces.some((one) => has(one, character));
  if (piece.kind === 'repeat' || piece.kind === 'capture') return has(piece.piece, character);
  return isCharacter(piece, character);
}

function isCharacter(leaf: Piece, character: string): boolean {
  return leaf.kind === 'one' && onlyCharacter(leaf.of) === character;
}

/** The start and the end of a text in a line. */
export type Span = readonly [start: number, end: number];

/** The places of the address and of the stretches in a line. */
export interface Places {
  readonly address: Span;
  readonly stretches: readonly Span[];
}

/** Makes a function that finds the places of a pattern in a latin1 line. It returns undefined for a line that the pattern does not match. */
export function placesOf({ outline, withPrefix }: Expanded, stretches: readonly Stretch[]): (line: string) => Places | undefined {
  let name = 'stretch';
  while (outline.includes(`(?<${name}`)) name += '_';
  const marked = stretches.reduceRight(
    (text, { start, end }, index) => `${text.slice(0, start)}(?<${name}${index}>${text.slice(start, end)})${text.slice(end)}`,
    outline,
  );
  const regexp = new RegExp(withPrefix(marked), 'ds');
  return (line) => {
    const { address, ...groups } = regexp.exec(line)?.indices?.groups ?? {};
    if (!address) return undefined;
    return { address, stretches: Object.entries(groups).flatMap(([key, span]) => (key.startsWith(name) && span ? [span] : [])) };
  };
}
