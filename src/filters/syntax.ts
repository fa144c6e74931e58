// Reads a pattern into a small tree of its own, which the checks walk over. Lines are matched as bytes (latin1): a character is one of 256.
import { RegExpParser, RegExpSyntaxError, type AST } from '@eslint-community/regexpp';
import type { ConfigError } from '../errors.ts';

/** A set of characters: bit N is the character with code N. */
export type Characters = bigint;

/** One piece of a pattern; `start` and `end` are offsets in its text. */
export type Piece = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'one'; readonly of: Characters }
  | { readonly kind: 'row'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'choice'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'repeat'; readonly piece: Piece; readonly min: number; readonly max: number }
  | { readonly kind: 'capture'; readonly name: string | null; readonly piece: Piece }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' | 'word' }
);

/** Words a fault at an offset of the pattern's text. */
export type Fault = (text: string, offset: number) => ConfigError;

/** Every character, and none. */
export const ALL: Characters = (1n << 256n) - 1n;
const NONE: Characters = 0n;

/** The characters of a text. */
export function charactersOf(text: string): Characters {
  let set = NONE;
  for (const character of text) set |= bit(character.charCodeAt(0));
  return set;
}

/** The one character of a set of one; undefined for every other set. */
export function onlyCharacter(set: Characters): string | undefined {
  return set !== NONE && (set & (set - 1n)) === NONE ? String.fromCharCode(set.toString(2).length - 1) : undefined;
}

/**
 * Parses a pattern (ECMAScript 2024, flag s). Throws the fault that it words for what is no pattern, and for what has no place in a
 * filter: looking ahead or behind and references to groups, which no engine matches in linear time.
 */
export function parsePattern(text: string, fault: Fault): Piece {
  let pattern: AST.Pattern;
  try {
    pattern = new RegExpParser({ ecmaVersion: 2024 }).parsePattern(text, 0, text.length, { unicode: false });
  } catch (thrown) {
    if (!(thrown instanceof RegExpSyntaxError)) throw thrown;
    throw fault(thrown.message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, ''), thrown.index);
  }
  return choiceOf(pattern, pattern.alternatives, fault);
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
    case 'Quantifier':
      return { kind: 'repeat', piece: pieceOf(node.element, fault), min: node.min, max: node.max, start, end };
    case 'Assertion':
      if (node.kind === 'lookahead' || node.kind === 'lookbehind') {
        throw fault(`"${node.raw}" looks ${node.kind.slice(4)}, say what the text is instead`, start);
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
