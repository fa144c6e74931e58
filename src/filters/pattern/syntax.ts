// Parses a pattern into a small syntax tree for the checks. Lines are matched as bytes (latin1), so that there are 256 characters.
import { RegExpParser, RegExpSyntaxError, type AST } from '@eslint-community/regexpp';
import type { ConfigError } from '../../errors.ts';

/** A set of characters: bit N is the character with code N. */
export type Characters = bigint;

/** One piece of a pattern; `start` and `end` are offsets in its text. */
export type Piece = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'one'; readonly of: Characters }
  | { readonly kind: 'row'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'choice'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'repeat'; readonly piece: Piece; readonly min: number; readonly max: number; readonly lazy?: true }
  | { readonly kind: 'capture'; readonly name: string | null; readonly piece: Piece }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' | 'word' }
);

/** Makes the error for a fault at an offset of the pattern's text. */
export type Fault = (text: string, offset: number) => ConfigError;

/** The largest depth of groups inside groups. The checks are recursive, so a deeper pattern could overflow the stack. */
const MOST_LEVELS = 100;

/** The set of all characters, and the empty set. */
export const ALL: Characters = (1n << 256n) - 1n;
const NONE: Characters = 0n;

/** The characters of a text. */
export function charactersOf(text: string): Characters {
  let set = NONE;
  for (const character of text) set |= bit(character.charCodeAt(0));
  return set;
}

/** The pieces that match a text, all of them at one offset. */
export function textAt(text: string, offset: number): Piece {
  const at = { start: offset, end: offset };
  return {
    kind: 'row',
    pieces: Array.from(text).map((character): Piece => ({ kind: 'one', of: charactersOf(character), ...at })),
    ...at,
  };
}

/** Returns a pattern with all its pieces moved to one offset. */
export function movedTo(piece: Piece, offset: number): Piece {
  const at = { start: offset, end: offset };
  if (piece.kind === 'one' || piece.kind === 'edge') return { ...piece, ...at };
  if (piece.kind === 'row' || piece.kind === 'choice') {
    return { ...piece, pieces: piece.pieces.map((one) => movedTo(one, offset)), ...at };
  }
  return { ...piece, piece: movedTo(piece.piece, offset), ...at };
}

/** The character of a set with exactly one character; undefined for every other set. */
export function onlyCharacter(set: Characters): string | undefined {
  return set !== NONE && (set & (set - 1n)) === NONE ? String.fromCharCode(set.toString(2).length - 1) : undefined;
}

/**
 * Parses a pattern (ECMAScript 2024, flag s). Throws the error of `fault` for invalid syntax, and for syntax that filters do not have:
 * lookahead, lookbehind and references to groups, which the automaton of the checks cannot represent.
 */
export function parsePattern(text: string, fault: Fault): Piece {
  const deep = tooDeep(text);
  if (deep !== undefined) throw fault(`groups are nested more than ${MOST_LEVELS} deep, take some out`, deep);
  let pattern: AST.Pattern;
  try {
    pattern = new RegExpParser({ ecmaVersion: 2024 }).parsePattern(text, 0, text.length, { unicode: false });
  } catch (thrown) {
    if (!(thrown instanceof RegExpSyntaxError)) throw thrown;
    throw fault(
      switchesFlags(text, thrown.index) ?? thrown.message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, ''),
      thrown.index,
    );
  }
  return choiceOf(pattern, pattern.alternatives, fault);
}

/** The offset of the first group that is nested too deep; undefined when there is none. */
function tooDeep(text: string): number | undefined {
  let level = 0;
  for (const { 0: written, index } of text.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|[()]/gs)) {
    if (written === '(') level += 1;
    if (written === ')') level -= 1;
    if (level > MOST_LEVELS) return index;
  }
  return undefined;
}

/** Returns the message for a group such as `(?i:`, which other languages have. `offset` is behind its opening parenthesis. */
function switchesFlags(text: string, offset: number): string | undefined {
  const [written] = /^\(\?[a-z-]+[:)]/.exec(text.slice(Math.max(0, offset - 1))) ?? [];
  return written === undefined ? undefined : `"${written}" switches flags, write a letter in both cases, like "[Ll]"`;
}

function choiceOf(node: AST.Node, alternatives: readonly AST.Alternative[], fault: Fault): Piece {
  const rows = alternatives.map((alternative): Piece => {
    const pieces = alternative.elements.map((element) => pieceOf(element, fault));
    return { kind: 'row', pieces, start: alternative.start, end: alternative.end };
  });
  const [only] = rows;
  return rows.length === 1 && only ? only : { kind: 'choice', pieces: rows, start: node.start, end: node.end };
}

function pieceOf(node: AST.Element, fault: Fault): Piece {
  const { start, end } = node;
  switch (node.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
      return { kind: 'one', of: setOf(node), start, end };
    case 'Group':
      return choiceOf(node, node.alternatives, fault);
    case 'CapturingGroup':
      return { kind: 'capture', name: node.name, piece: choiceOf(node, node.alternatives, fault), start, end };
    case 'Quantifier': {
      const { min, max, greedy } = node;
      return { kind: 'repeat', piece: pieceOf(node.element, fault), min, max, start, end, ...(!greedy && { lazy: true as const }) };
    }
    case 'Assertion':
      if (node.kind === 'lookahead' || node.kind === 'lookbehind') {
        throw fault(`"${node.raw}" looks ${node.kind.slice(4)}, write the text out instead`, start);
      }
      return { kind: 'edge', edge: node.kind, start, end };
    case 'Backreference':
      throw fault(`"${node.raw}" refers back to a group, write the text out instead`, start);
    case 'ExpressionCharacterClass':
      throw fault(`"${node.raw}" needs the v flag, which filters do not have`, start);
  }
}

function setOf(node: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.CharacterClassRange): Characters {
  switch (node.type) {
    case 'Character':
      return bit(node.value);
    case 'CharacterClassRange':
      return range(node.min.value, node.max.value);
    case 'CharacterClass': {
      const union = node.elements.reduce((set, element) => set | setOf(element as Parameters<typeof setOf>[0]), NONE);
      return node.negate ? ALL & ~union : union;
    }
    case 'CharacterSet':
      return escaped(node);
  }
}

const DIGIT = range(0x30, 0x39);
const WORD = DIGIT | range(0x41, 0x5a) | range(0x61, 0x7a) | bit(0x5f);
/** WhiteSpace and LineTerminator of ECMA-262 below 256. */
const SPACE = range(0x09, 0x0d) | bit(0x20) | bit(0xa0);

function escaped(node: AST.CharacterSet): Characters {
  if (node.kind === 'any') return ALL;
  const set = node.kind === 'digit' ? DIGIT : node.kind === 'space' ? SPACE : node.kind === 'word' ? WORD : ALL;
  return 'negate' in node && node.negate ? ALL & ~set : set;
}

function bit(code: number): Characters {
  return code < 256 ? 1n << BigInt(code) : NONE;
}

function range(from: number, to: number): Characters {
  const above = 1n << BigInt(Math.min(to, 255) + 1);
  return from > 255 ? NONE : above - (1n << BigInt(from));
}
