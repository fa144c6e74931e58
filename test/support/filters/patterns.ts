// Parses and compiles patterns for tests, and makes a `Side` from a pattern. The proof that no client can forge a hit compares two of these sides.
import { ConfigError } from '../../../src/errors.ts';
import { Side } from '../../../src/filters/pattern/automaton/check.ts';
import { compilePattern, type Compiled } from '../../../src/filters/pattern/compile.ts';
import { parsePattern, type Piece } from '../../../src/filters/pattern/syntax.ts';

/** Parses the text of a pattern, without blocks. */
export function parsed(text: string): Piece {
  return parsePattern(text, (fault) => new ConfigError(fault));
}

/** Compiles a pattern. The message of a fault is `offset: text`. */
export function compiled(
  pattern: string,
  settings: Readonly<Record<string, string>> = {},
  lines: readonly string[] = [],
): Compiled {
  return compilePattern(pattern, settings, (text, offset) => new ConfigError(`${offset}: ${text}`), lines);
}

/** Returns why a pattern is refused, or `accepted`. */
export function refusalOf(pattern: string, settings: Readonly<Record<string, string>> = {}, lines: readonly string[] = []): string {
  try {
    compiled(pattern, settings, lines);
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
}

/** Makes a side of the proof from the text of a pattern. `notBehind`: characters that do not follow the pattern in a line. */
export function sideOf(text: string, notBehind = 0n): Side {
  const pattern = parsed(text);
  return new Side(pattern, addressIn(pattern) ?? { start: 0, end: 0 }, notBehind);
}

/** The address group of a pattern. */
export function addressIn(piece: Piece): Piece | undefined {
  if (piece.kind === 'capture') return piece.name === 'address' ? piece : addressIn(piece.piece);
  if (piece.kind === 'repeat') return addressIn(piece.piece);
  if (piece.kind !== 'row' && piece.kind !== 'choice') return undefined;
  return piece.pieces.map(addressIn).find((found) => found !== undefined);
}
