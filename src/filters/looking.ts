// Chooses the literals that are searched for in a source: those of the filters whose jails look at the source, and those of near misses.
import { NEAR_LITERALS, type JailRules } from './rules/runner.ts';
import { Literals, unescapedPart, type Needles } from './search/lines.ts';

/** The jails that look at a source, as indices into the list of all jails, and the searches for the lines that they look at. */
export interface Looking {
  readonly jails: readonly number[];
  /** `plain` searches for the literals of the filters, `near` for NEAR_LITERALS too. */
  readonly plain: Needles;
  readonly near: Needles;
}

/** The searches in lines as they are, and in lines in which characters may be written as escapes of JSON, see unescapedPart. */
export interface Forms {
  readonly plain: Looking;
  /** Absent when no literal has a character that is written as an escape. Then the search without escapes finds all lines. */
  readonly escaped?: Looking;
}

/** Returns the searches for a source. */
export function formsFor(all: readonly JailRules[]): (source: string | undefined) => Forms {
  const plain = lookingFor(all, (literal) => literal);
  const isPlain = all.every(({ filter }) => filter.literals.every((literal) => unescapedPart(literal) === literal));
  if (isPlain) return (source) => ({ plain: plain(source) });
  const escaped = lookingFor(all, unescapedPart);
  return (source) => ({ plain: plain(source), escaped: escaped(source) });
}

/** Prepares the searches for a part of each literal, and returns those for a source. All sources share the tables of the literals. */
function lookingFor(all: readonly JailRules[], partOf: (literal: string) => string): (source: string | undefined) => Looking {
  const parts = all.map(({ filter }) => filter.literals.map(partOf));
  const own = [...new Set(parts.flat())];
  const each = [...new Set([...own, ...NEAR_LITERALS])];
  const [plain, near] = [new Literals(own), new Literals(each)];
  return (source) => {
    const jails = all.flatMap((jail, index) => (looksIn(jail, source) ? [index] : []));
    const jailsOf = (literal: string): readonly number[] => jails.filter((index) => parts[index]?.includes(literal));
    const isNear = (literal: string): boolean => jails.length > 0 && NEAR_LITERALS.includes(literal);
    const some = (literal: string): readonly number[] | undefined => (jailsOf(literal).length > 0 ? jailsOf(literal) : undefined);
    return {
      jails,
      plain: { literals: plain, jails: own.map(some) },
      near: { literals: near, jails: each.map((literal) => some(literal) ?? (isNear(literal) ? [] : undefined)) },
    };
  };
}

/** True for a jail that matches the lines of a source. Undefined stands for a source that no jail names. */
function looksIn({ sources = 'all' }: JailRules, source: string | undefined): boolean {
  return sources === 'all' || (source !== undefined && sources.includes(source));
}
